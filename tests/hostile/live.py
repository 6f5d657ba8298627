# SPDX-License-Identifier: MIT
"""Sessions that stay: a hostile server against `dsync watch` (LS), and a
hostile client that wants to hear what is new against `dsync peer` (LC).
"""

from honest import *
from house import *
import protocol as pr
import rubbish

OLD, NEW = b"alpha\n", b"a new text\n"
EPOCH, OTHER_EPOCH = "e0" * 16, "ee" * 16
GONE = [pr.record(path=p, kind=pr.ABSENT) for p in sorted(SAME)]


class Live(Server):
    """Each of steps is taken when the client has come to rest once more."""

    command = "watch"

    def __init__(self, h, *steps, files=SAME, options=(), **hello):
        super().__init__(h, files, ["--settle=1", *options], **hello)
        self.steps, self.log, self.questions = list(steps), [], []
        self.since = self.seq

    def record(self, path):
        if path in self.files:
            return self.entry(path)
        return pr.record(path=path, kind=pr.ABSENT)

    def change(self, path, data):
        self.files[path] = data
        if data is None:
            del self.files[path]
        self.seq += 1
        self.log.append((self.seq, path))

    def news(self, *records, contents=b"", **members):
        m = dict(epoch=EPOCH, seq=self.seq, since=self.since)
        m.update(members)
        self.t.say("CHANGES", records, contents, **m)

    def push(self, path, data):
        self.change(path, data)
        self.news(self.record(path))

    def tell(self, m=None):
        if m is None:
            return super().tell()
        self.questions.append(m)
        if m["epoch"] != EPOCH or m["seq"] > self.seq:
            return super().tell()
        self.t.tell(*[self.record(p) for n, p in self.log if n > m["seq"]],
                    seq=self.seq, full=False)

    def done(self, m):
        super().done(m)
        self.since = self.seq
        if self.steps:
            self.steps.pop(0)(self)


def stop(s):
    s.t.stop()


def rest(s):
    """Nothing; it will go on for a reason of its own."""


def ends(s, code, text=None):
    """After what a client says last."""
    if code == 12:
        last = (s.t.rest() or s.t.heard)[-1]
        check(last.t == "ERROR", "no ERROR, but " + last.t)
        check(text is None or text in last["text"], last["text"])
    s.t.ends(code)
    check(not s.steps, "%d steps were not taken" % len(s.steps))


def live_case(name, *steps, code=20, text=None, setup=None, **more):
    """setup(h) comes first; nothing in the folder may change but what it
    says."""
    @case(name)
    def run(h):
        if setup:
            setup(h)
            h.remember()
        s = Live(h, *steps, **more)
        s.run()
        ends(s, code, text)


# All goes well.

@case("LS-00 an honest server, that has news")
def honest(h):
    def both(s):
        check(h.get("x.md") == NEW and h.get("a.md") == b"ALPHA\n", "news")
        s.push("x.md", None)

    def gone(s):
        check(h.get("x.md") is None, "it was not deleted")
        stop(s)

    def two(s):
        s.change("x.md", NEW)
        s.change("a.md", b"ALPHA\n")
        s.news(s.record("x.md"), more=True)
        s.news(s.record("a.md"))
    h.may("x.md", None)
    h.may("a.md", b"ALPHA\n")
    s = Live(h, two, both, gone)
    s.run()
    ends(s, 20)


@case("LS-00 news behind a change of the client's own are no surprise")
def behind_own(h):
    s = Live(h, lambda s: h.drop("mine.md", b"mine\n"),
             lambda s: s.push("x.md", NEW), stop)
    h.may("mine.md", b"mine\n")
    h.may("x.md", NEW)
    s.run()
    ends(s, 20)
    check(s.files["mine.md"] == b"mine\n", "not sent")
    check(h.get("x.md") == NEW, "not fetched")
    check(not s.questions, "it asks for what it was told: %s" % s.questions)


# News that come when they must not.

@case("LS-02 news before HELLO")
def before_hello(h):
    s = Live(h)
    s.t.expect("HELLO")
    s.news(*GONE)
    ends(s, 12, "out of place")


def crossing(name, say, state="LIVE"):
    """say(s): news in a state of the client, or news that do not follow what
    it has; it drops them, asks, and does not go by what they said."""
    @case(name)
    def run(h):
        s = Live(h, rest if state != "LIVE" else say, stop)

        def first(m, usual):
            s.on.clear()
            say(s)
            usual(m)
        if state == "TRANSFER":
            s.files["theirs.md"] = NEW
            h.may("theirs.md", NEW)
            s.on["GET"] = lambda m: first(m, s.give)
        elif state == "PROOF":
            s.on["DONE"] = lambda m: first(m, s.done)
        s.t.meet()
        if state == "CHANGES":
            say(s)
        s.tell()
        s.run(meet=False)
        ends(s, 20)
        check([m["heard"] for m in s.questions] == [True],
              "asked: %s" % s.questions)
        check(s.questions[0]["seq"] == 1, "it took the cursor of the news")


for state in ("CHANGES", "TRANSFER", "PROOF"):
    crossing("LS-02 news in " + state, lambda s: s.news(*GONE), state)
    crossing("LS-02 all that there is as news in " + state,
             lambda s: s.news(full=True), state)
    crossing("LS-13 100,000 parts of news in " + state,
             lambda s: s.t.send(pr.message(
                 "CHANGES", GONE, more=True, since=1, seq=9,
                 epoch=EPOCH) * 100000), state)
for since in (0, 2, pr.INT64_MAX):
    crossing("LS-16 news since %d" % since,
             lambda s, n=since: s.news(*GONE, since=n, seq=9))
for epoch in (OTHER_EPOCH, ""):
    crossing("LS-16 news of the epoch '%s'" % epoch,
             lambda s, e=epoch: s.news(*GONE, epoch=e, seq=9))


@case("LS-02 news that begin before DONE, and end behind it")
def torn(h):
    s = Live(h, rest, stop)

    def done(m):
        s.on.clear()
        send, said = s.t.send, []
        s.t.send = said.append
        s.news(pr.entry("x.md", NEW), seq=3, more=True)
        s.done(m)
        s.news(pr.entry("y.md", NEW), seq=3)
        s.t.send = send
        s.t.send(b"".join(said))  # it reads them as one
        s.change("x.md", NEW)
        s.change("y.md", NEW)
    s.on["DONE"] = done
    for path in ("x.md", "y.md"):
        h.may(path, NEW)
    s.run()
    ends(s, 20)
    check(s.questions and s.questions[0]["seq"] == 1,
          "half of the news is all that it wants to know")
    check(h.get("x.md") == h.get("y.md") == NEW, "they did not come")


for what, last in {
    "of another epoch": dict(epoch=OTHER_EPOCH),
    "that leads to another epoch, and all that there is":
        dict(epoch=OTHER_EPOCH, full=True),
    "that leads back": dict(seq=0),
}.items():
    @case("LS-16 news with a last part " + what)
    def other_last(h, last=last):
        """That is a server which has forgotten: nothing is deleted."""
        def step(s):
            s.news(*GONE, more=True, seq=2)
            s.news(pr.record(path="sub/none.md", kind=pr.ABSENT),
                   **dict(dict(seq=2), **last))
        s = Live(h, step, stop)
        s.run()
        ends(s, 20)
        check(set(s.files) == set(SAME), "not the same: %s" % list(s.files))


# What else nobody asked for.

def unasked(what, say, text="out of place"):
    live_case("LS-02 %s while it rests" % what, say, code=12, text=text)


for kind in ("HELLO", "CHANGES", "FILE_UPDATE", "FILE_DATA", "FILE_DELETE",
             "FILE_MOVE", "GET", "ACK", "REFUSED", "DONE", "BYE", "PRESETS"):
    unasked(kind, lambda s, k=kind: s.t.say(k))
unasked("a listing", lambda s: s.t.tell(*GONE))
unasked("contents", lambda s: s.t.say("FILE_UPDATE", [
    pr.entry("a.md", NEW, id=0, form=pr.WHOLE)], NEW))
unasked("ACK of what was done", lambda s: s.ack([0]))
unasked("a proof", lambda s: s.t.say("DONE", epoch=EPOCH, seq=9, equal=True))
for kind in ("HELLO", "CHANGES", "FILE_UPDATE", "ACK", "REFUSED", "DONE"):
    live_case("LS-02 %s between parts of news" % kind,
              lambda s, k=kind: (s.news(*GONE, more=True), s.t.say(k)),
              code=12, text="out of place")
live_case("NW-01 ERROR while it rests",
          lambda s: s.t.say("ERROR", code=7, text="no"), code=43)
live_case("LS-10 news with data behind the records",
          lambda s: s.news(*GONE, contents=b"contents"), code=12,
          text="contents")
live_case("LS-10 news of data alone",
          lambda s: s.news(contents=b"c" * 16, full=True), code=12,
          text="contents")
live_case("LS-13 news with a part of nothing",
          lambda s: s.news(more=True), code=12, text="an empty part")
for what, since in {"-1": -1, "2^63": 2**63, "a text": "1",
                    "1.5": 1.5}.items():
    live_case("LS-06 news since " + what,
              lambda s, n=since: s.news(*GONE, since=n), code=12,
              text="bad message")


# Paths.

for what, path in rubbish.PATHS.items():
    live_case("LS-09 news of a file named " + what,
              lambda s, p=path: s.news(pr.entry(p, NEW)), code=12,
              text="bad record")
for what, rec in rubbish.RECORDS.items():
    live_case("LS-04 news of a record with " + what,
              lambda s, r=rec: s.news(r), code=12, text="bad record")


def offered(name, *paths, options=(), data=NEW):
    """News of what is not to be taken; another file still comes."""
    @case(name)
    def run(h):
        def step(s):
            for p in (*paths, "ok"):
                s.change(p, data if p != "ok" else NEW)
            s.news(*[s.record(p) for p in (*paths, "ok")])

        def after(s):
            check(h.get("ok") == NEW, "the other one did not come")
            stop(s)
        s = Live(h, step, after, options=options)
        s.on["FILE_UPDATE"] = lambda m: s.t.say("REFUSED", [pr.record(
            id=r["id"], fault=(7, "no")) for r in m.records])
        h.may("ok", NEW)
        s.run()
        ends(s, 20)


for what, paths in {
    "through a symlink": ["link/x.md"],
    "over a file behind a symlink": ["link/a.md", "link/sub/x.md"],
    "over a symlink": ["leaf.md"],
    "over a symlink to a folder": ["link"],
    "with hidden names": [".bashrc", ".ssh/authorized_keys"],
    "over hidden and binary ones": [".hidden.md", "data.bin"],
    "below a binary one": ["data.bin/x.md"],
    "over a folder": ["sub"],
}.items():
    offered("LS-03 news of files " + what, *paths)
offered("LS-03 news of files that a rule excludes", "x.log", "sub/y.log",
        options=["--exclude", "*.log"])
offered("LS-03 news of a file that is too large", "x.md", data=b"y" * 2000,
        options=["--max-size=1k"])


@case("LS-13 news of rules that exclude everything")
def rules(h):
    text = b"*\n!/.dsyncignore\n"
    s = Live(h, lambda s: s.push(".dsyncignore", text), stop)
    h.may(".dsyncignore", text)
    s.run()
    ends(s, 20)
    check(set(SAME) < set(s.files), "the server was told to delete")


# Deletions.

def many(h):
    for n in range(30):
        h.put("n%d.md" % n, b"%d\n" % n)


ALL = dict(SAME, **{"n%d.md" % n: b"%d\n" % n for n in range(30)})
ALL_GONE = [pr.record(path=p, kind=pr.ABSENT) for p in sorted(ALL)]


def all_gone(how):
    """Who asks, since it may be the beginning of more, is told the same."""
    def step(s):
        first = s.entry("a.md")
        for path in sorted(s.files):
            s.change(path, None)
        how(s, first)
    return step


for what, how in {
    "say it one by one": lambda s, first: s.news(*ALL_GONE),
    "are a whole listing": lambda s, first: s.news(full=True),
    "say it in parts": lambda s, first: [
        s.news(r, more=r != ALL_GONE[-1]) for r in ALL_GONE],
    "turn out to be a whole listing": lambda s, first: (
        s.news(first, more=True), s.news(full=True)),
    "cover it all": lambda s, first: s.news(*ALL_GONE, *[pr.entry(
        "z%d" % n, NEW, kind=pr.ABSENT) for n in range(100)]),
}.items():
    live_case("LS-08 everything is gone, say news that " + what,
              all_gone(how), code=25, setup=many, files=ALL)


def keeps(name, *records, setup=None, **members):
    """News after which everything is still there, on both sides."""
    def step(s):
        s.news(*records, **dict(dict(seq=2), **members))

    def after(s):
        check(set(SAME) <= set(s.files), "the server was told to delete")
        stop(s)
    live_case(name, step, after, setup=setup)


keeps("LS-08 news that all is let go", *[pr.record(
    path=p, kind=pr.EXCLUDED | pr.COVER) for p in ("a.md", "run.sh", "sub")])
keeps("LS-08 news that nothing can be read", *[pr.record(
    path=p, kind=pr.UNREAD | pr.COVER) for p in ("a.md", "run.sh", "sub")])
keeps("LS-08 news that what was never agreed on is gone", *[pr.record(
    path=p, kind=pr.ABSENT) for p in (
        ".hidden.md", "data.bin", "link", "link/a.md", "leaf.md", "sub",
        "none.md", "a.md/x", "data.bin/x")])
keeps("LS-08 news of faults", *[pr.record(path=p, fault=(2, "no"))
                                for p in sorted(SAME)])
keeps("LS-08 news of what is as it was", *[
    pr.entry(p, d, mtime=TIME, exec_=p == "run.sh") for p, d in SAME.items()])
keeps("LS-08 news of nothing")


@case("LS-08 news that a file is gone that was just edited")
def edited(h):
    def step(s):
        h.drop("a.md", b"an edit\n")
        s.push("a.md", None)
    s = Live(h, step)

    def take(m):
        s.take(m)
        s.steps.append(stop)
    s.on["FILE_UPDATE"] = take
    h.may("a.md", b"an edit\n")
    h.before.pop("a.md")  # who edited it has displaced what was there
    s.run()
    ends(s, 20)
    check(s.files["a.md"] == b"an edit\n", "the edit was not sent")


# Without end.

@case("LS-13 100,000 parts of news")
def parts(h):
    def step(s):
        s.t.send(pr.message("CHANGES", [pr.record(
            path="x.md", kind=pr.ABSENT)], more=True, since=1, seq=2,
            epoch=EPOCH) * 100000)
        s.news(*[s.entry(p) for p in s.files], seq=2)
    s = Live(h, step, stop)
    s.run()
    ends(s, 20)


def million(s):
    batch = b"".join(pr.record(path="n00/%04d.md" % n, kind=pr.ABSENT)
                     for n in range(10000))
    for n in range(100):
        s.t.send(pr.frame(*[
            b'{"t":"CHANGES","epoch":"%s","seq":2,"full":false,"more":%s,'
            b'"since":1,"records":%d,"data":%d,"n":10000}' % (
                EPOCH.encode(), b"true" if n < 99 else b"false",
                len(batch), len(batch)),
            batch.replace(b"n00/", b"n%02d/" % n)]))


@case("LS-13 1,000,000 records of news")
def records(h):
    # They are not told from a folder of that many files: see ROUND_ENTRIES.
    h.memory = 320 * 1024
    s = Live(h, million, stop)
    s.run()
    ends(s, 20)


crossing("LS-13 1,000,000 records of news in PROOF", million, "PROOF")


@case("LS-13 news of 10,001 faults")
def faults(h):
    def step(s):
        rec = [pr.record(path="x%d.md" % n, fault=(2, "no"))
               for n in range(5000)]
        for _ in range(3):
            s.news(*rec, more=True)
    s = Live(h, step)
    s.run()
    ends(s, 12, "no files")


@case("LS-13 a file that flips 150 times")
def flips(h):
    texts = [b"one\n", b"two\n"]
    s = Live(h, *[lambda s, n=n: s.push("a.md", texts[n % 2])
                  for n in range(150)], stop)
    h.may("a.md", *texts)
    s.run()
    ends(s, 20)
    check(h.get("a.md") == texts[1], "not the last one")


@case("LS-13 the fingerprints never agree")
def never_equal(h):
    """Once it has compared everything, it lets that be."""
    s = Live(h)
    asked = []

    def done(m):
        check(len(s.questions) < 9, "there is no end to it")
        s.t.say("DONE", epoch=EPOCH, seq=s.seq, equal=False)
        s.t.say("PING", token=len(s.questions))

    def pong(m):
        if m["token"] != len(s.questions):
            return  # it has asked again
        asked.append(s.questions[:])
        s.questions.clear()
        if len(asked) == 3:
            stop(s)
        else:
            s.since = s.seq
            s.news(pr.record(path="none.md", kind=pr.ABSENT))
    s.on["DONE"], s.on["PONG"] = done, pong
    s.run()
    ends(s, 20)
    for questions in asked:
        check(0 < len(questions) < 5, "%d questions" % len(questions))
        check(questions[-1]["epoch"] == "", "it did not compare everything")
        check(not questions[-1].get("heard"), "nor was it looked at")


@case("LS-14 PINGs without end, and nobody reads the answers")
def pings(h):
    def step(s):
        s.t.deaf = True
        for _ in range(400):
            if not s.t.send(pr.message("PING", token=1) * 10000, patience=2):
                break
        s.t.deaf = False
        stop(s)
    s = Live(h, step)
    s.on["PONG"] = lambda m: None
    s.run()
    ends(s, 20)


# A link that breaks, and silence.

def broken(name, step, options=(), **hello):
    """It comes again, and knows where it was."""
    @case(name)
    def run(h):
        s = Live(h, step, options=options)
        asked = []
        s.on["CHANGES"] = lambda m: (asked.append(m), s.on.update(
            PING=lambda m: None))
        s.run()
        t = s.t.again()
        check(t.expect("HELLO")["epoch"] == EPOCH, "it has forgotten")
        t.say("ERROR", code=7, text="no")
        t.ends(43)


broken("NW-01 the end while it rests",
       lambda s: s.t.says.shutdown(socket.SHUT_WR))
broken("NW-01 the end within news",
       lambda s: (s.news(*GONE, more=True), s.t.says.shutdown(
           socket.SHUT_WR)))
broken("NW-01 the end within a message",
       lambda s: (s.t.send(pr.message("CHANGES", GONE)[:-1]),
                  s.t.says.shutdown(socket.SHUT_WR)))
broken("NW-01 ERROR that says of itself that the link broke",
       lambda s: s.t.say("ERROR", code=14, text="no"))
broken("RL-01 silence when it asks for what was heard, and --timeout=1",
       lambda s: s.news(*GONE, since=9), ["--timeout=1"])


@case("LS-17 another folder after the link broke")
def other_root(h):
    s = Live(h, lambda s: s.t.says.shutdown(socket.SHUT_WR))
    s.run()
    t = s.t.again()
    t.meet(root="ff" * 16)
    t.tell()
    t.ends(25)


@case("LS-17 silence when it asks for what was heard, and it is told to stop")
def silence(h):
    s = Live(h, lambda s: s.news(*GONE, since=9))
    s.on["CHANGES"] = lambda m: stop(s)
    s.run()
    ends(s, 20)


# A hostile client.

def hello(t, **members):
    return t.hello_bytes(**dict(dict(require=["live"], settle=1), **members))


def refused(name, code=12, text=None, **members):
    @case(name)
    def run(h):
        t = h.peer()
        t.send(hello(t, **members))
        if code == 12:
            t.refuses(text)
        else:
            t.ends(code)


refused("LC-14 live, and a dry run", text="dry run", dry_run=True)
for what, settle in {"60,001 ms": 60001, "-1": -1, "2^63": 2**63, "1.5": 1.5,
                     "a text": "1", "a list": [1]}.items():
    refused("LC-06 a file is to be left alone for " + what,
            text="bad message", settle=settle)
refused("LC-06 live, and a list of what there is", code=43,
        require=["live", "list"])
refused("LC-06 live, and something that nobody knows", code=2,
        require=["live", "teleport"])


def texts(h, **more):
    return {p: (d, p == "run.sh") for p, d in dict(h.FILES, **more).items()}


def come(h, *paths):
    for p in paths:
        h.may(p, NEW)
    return {p: NEW for p in paths}


def done(t, files):
    """The client rests; *files: what it has.  Its cursor is noted."""
    t.say("DONE", fp=pr.fingerprint(files), files=len(files))
    m = t.expect("DONE")
    t.cursor = dict(epoch=m["epoch"], seq=m["seq"])
    return m["equal"]


def hear_news(t):
    """The names in news that follow the cursor."""
    paths, more = [], True
    while more:
        m = t.expect("CHANGES")
        check(m["since"] == t.cursor["seq"], "since %d" % m["since"])
        check(m["epoch"] == t.cursor["epoch"] and not m["full"], str(m))
        paths += [os.fsdecode(r["path"]) for r in m.records]
        more = m["more"]
    t.cursor["seq"] = m["seq"]
    return paths


def silent(t, seconds=0.4):
    """It lives, and has nothing to tell."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        t.say("PING", token=3)
        t.expect("PONG")


@case("LC-00 news come when something happens, and once")
def news_once(h):
    t = h.peer()
    t.send(hello(t))
    t.expect("HELLO")
    t.listing()
    check(done(t, texts(h)), "the fingerprints differ")
    h.drop("x.md", NEW)
    check(hear_news(t) == ["x.md"], "other news")
    check(done(t, texts(h, **come(h, "x.md"))), "the fingerprints differ")
    h.drop("sub/y.md", NEW)
    check(hear_news(t) == ["sub/y.md"], "other news")
    check(done(t, texts(h, **come(h, "x.md", "sub/y.md"))), "they differ")
    silent(t)
    t.bye()


@case("LC-00 what a client has sent is no news to it")
def no_echo(h):
    t = h.peer()
    t.meet(require=["live"], settle=1)
    got = t.op("FILE_UPDATE", pr.update(1, "x.md", NEW),
               pr.update(2, "sub/y.md", NEW), contents=NEW * 2)
    check(got == {1: "ACK", 2: "ACK"}, str(got))
    check(done(t, texts(h, **come(h, "x.md", "sub/y.md"))), "they differ")
    silent(t)
    h.drop("z.md", NEW)
    h.may("z.md", NEW)
    check(hear_news(t) == ["z.md"], "other news")
    t.bye()


@case("LC-00 what one client has sent is news to the other")
def two_clients(h):
    a, b = h.peer(), h.peer()
    for t in (a, b):
        t.meet(require=["live"], settle=1)
    check(done(a, texts(h)), "the fingerprints differ")
    b.op("FILE_UPDATE", pr.update(1, "x.md", NEW), contents=NEW)
    check(done(b, texts(h, **come(h, "x.md"))), "the fingerprints differ")
    check(hear_news(a) == ["x.md"], "other news")
    silent(b)
    a.bye()
    b.bye()


@case("LC-02 no news come before DONE")
def never_done(h):
    t = h.peer()
    t.meet(require=["live"], settle=1)
    h.drop("x.md", NEW)
    silent(t)
    t.say("CHANGES", heard=True, **t.cursor)
    t.listing()
    silent(t)
    done(t, texts(h, **come(h, "x.md")))
    check(hear_news(t) == ["x.md"], "other news")
    t.bye()


@case("LC-02 a client that says anything does not rest any more")
def no_rest(h):
    t = h.peer()
    t.meet(require=["live"], settle=1)
    done(t, texts(h))
    t.say("GET", [pr.entry("a.md", OLD, id=1)])
    t.expect("FILE_UPDATE")
    h.drop("x.md", NEW)
    silent(t)
    done(t, texts(h, **come(h, "x.md")))
    check(hear_news(t) == ["x.md"], "other news")
    t.bye()


@case("LC-13 news are not told again before the next DONE")
def told_once(h):
    t = h.peer()
    t.meet(require=["live"], settle=1)
    done(t, texts(h))
    h.drop("x.md", NEW)
    check(hear_news(t) == ["x.md"], "other news")
    for n in range(100):
        h.drop("n%d.md" % n, NEW)
        t.say("PING", token=n)
        t.expect("PONG")
    silent(t)
    names = ["n%d.md" % n for n in range(100)]
    done(t, texts(h, **come(h, "x.md", *names)))
    heard = []
    while set(heard) < set(names):
        heard += hear_news(t)
        done(t, texts(h))
    check(sorted(heard) == sorted(names), "other news: %s" % heard)
    t.bye()


@case("LC-13 a client that rests, and never reads again")
def never_reads(h):
    for n in range(3000):
        h.put("long/%s%d.md" % ("long" * 50, n), b"x\n")
    h.remember()
    t = h.peer()
    t.meet(require=["live"], settle=1)
    done(t, {})
    t.deaf = True
    for n in range(1000):
        h.drop("n%d.md" % n, NEW)
        t.say("PING", token=1)
    come(h, *["n%d.md" % n for n in range(1000)])
    t.deaf = False
    t.say("PING", token=2)
    news = 0
    while True:
        m = t.expect("PONG", "CHANGES")
        news += m.t == "CHANGES" and not m["more"]
        if m["t"] == "PONG" and m["token"] == 2:
            break
    check(news <= 1, "news came %d times" % news)
    t.bye()


@case("LC-12 DONE before a listing was read")
def early_done(h):
    name = "/".join(["long" * 50] * 4)
    for n in range(4000):
        h.put("%s/%d.md" % (name, n), b"x\n")
    h.remember()
    t = h.peer()
    t.send(hello(t))
    t.expect("HELLO")
    t.expect("CHANGES")
    t.deaf, t.cursor = True, None
    t.say("DONE")
    h.drop("x.md", NEW)
    h.may("x.md", NEW)

    def looked():
        with h.journal() as db:
            return db.execute("SELECT 1 FROM file_state WHERE path = ?",
                              (b"x.md",)).fetchone()
    end = time.monotonic() + 2
    while time.monotonic() < end and not looked():
        time.sleep(0.02)
    t.deaf = False
    more = True
    while more or not t.cursor:
        m = t.expect("CHANGES", "DONE")
        check("since" not in m, "news within a listing")
        if m.t == "DONE":
            t.cursor = dict(epoch=m["epoch"], seq=m["seq"])
        else:
            more = m["more"]
    check(hear_news(t) == ["x.md"], "other news")
    t.bye()


def asked(name, ask, sees, live=True, full=False):
    """ask(t): CHANGES with `heard`, after x.md came; does it look?"""
    @case(name)
    def run(h):
        t = h.peer()
        t.meet(**(dict(require=["live"], settle=1) if live else {}))
        h.drop("x.md", NEW)
        h.may("x.md", NEW)
        t.say("CHANGES", **dict(dict(heard=True, **t.cursor), **ask(t)))
        files, more = set(), True
        while more:
            m = t.expect("CHANGES")
            check("since" not in m, "an answer that passes for news")
            files |= {r["path"] for r in m.records}
            more = m["more"]
        check(m["full"] == full, "full: %s" % m["full"])
        check((b"x.md" in files) == sees, "it tells: %s" % files)
        t.bye()


asked("LC-11 what was heard, asked by who is not live", lambda t: {}, True,
      live=False)
asked("LC-11 what was heard, of another epoch",
      lambda t: dict(epoch="f" * 32), True, full=True)
asked("LC-11 what was heard, of no epoch",
      lambda t: dict(epoch="", seq=0), True, full=True)
asked("LC-11 what was heard, of the future",
      lambda t: dict(seq=pr.INT64_MAX), True, full=True)
asked("LC-11 what was heard, since something, as a peer says it",
      lambda t: dict(heard=False, since=5), True)
for what, heard in {"1": 1, "null": "null", "a list": []}.items():
    @case("LC-06 what was heard, as " + what)
    def bad_heard(h, heard=heard):
        t = h.peer()
        t.meet(require=["live"], settle=1)
        t.say("CHANGES", heard=heard, **t.cursor)
        t.refuses("bad message")


@case("LC-11 what was heard, and a sketch")
def heard_sketch(h):
    t = h.peer()
    t.meet(require=["live"], settle=1)
    for _ in range(3):
        t.say("CHANGES", contents=pr.sketch(texts(h), 16), heard=True,
              **t.cursor)
        m = t.expect("CHANGES")
        check(not m["full"] and not m.contents, "it goes by the sketch")
    t.bye()


@case("LC-13 what was heard, asked without end, and nobody reads it")
def heard_flood(h):
    for n in range(3000):
        h.put("long/%s%d.md" % ("long" * 50, n), b"x\n")
    h.remember()
    t = h.peer()
    t.meet(require=["live"], settle=1)
    t.deaf = True
    ask = pr.message("CHANGES", heard=True, epoch=t.cursor["epoch"], seq=0)
    for _ in range(20):
        if not t.send(ask * 100, patience=2):
            break
    t.hang_up()
    check(t.process.wait() in (0, 10), "exit %s" % t.process.code)


@case("LC-13 DONE without end, and nobody reads the answers")
def done_flood(h):
    t = h.peer()
    t.meet(require=["live"], settle=1)
    t.deaf = True
    for n in range(100):
        h.drop("n%d.md" % n, NEW)
        h.may("n%d.md" % n, NEW)
        if not t.send(pr.message("DONE") * 2000, patience=2):
            break
    t.hang_up()
    check(t.process.wait() in (0, 10), "exit %s" % t.process.code)


@case("LC-12 no listing is asked for, and DONE: news come when it was")
def unlisted(h):
    t = h.peer()
    t.send(hello(t, features=["sketch"]))
    t.expect("HELLO")
    t.say("DONE")
    t.expect("DONE")
    h.drop("x.md", NEW)
    silent(t)
    t.say("CHANGES")
    check(b"a.md" in t.listing(), "not all")
    done(t, texts(h, **come(h, "x.md")))
    check(hear_news(t) == ["x.md"], "other news")
    t.bye()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
