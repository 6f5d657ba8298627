# SPDX-License-Identifier: MIT
"""Deltas of a hostile client against `dsync peer`.

Named as in client.py; what a hostile server does with them is in server.py.
"""

import random

from house import *
import protocol as pr
import rubbish

NEW = b"a new text\n"
NUL32 = bytes(32)
TEXT = b"".join(b"line %d of a text that is long enough\n" % n
                for n in range(1000))
TAIL = (20100, len(TEXT) - 20100)
EDIT = TEXT[:20000] + b"an edit\n" + TEXT[20100:]
GOOD = pr.delta((0, 20000), b"an edit\n", TAIL)
LARGE = b"".join(b"%d: a line of what is too large for a message\n" % n
                 for n in range(9000))
CHANGED, REFUSED = 6, 7
FORMS = {"inline": pr.DELTA, "streamed": pr.DELTA_STREAM}


def meet(h, files=(("doc.md", TEXT),), **hello):
    for path, data in files:
        h.put(path, data)
    h.remember()
    t = h.peer()
    t.meet(features=["delta"], **hello)
    return t


def say(t, n, path, data, delta, form=pr.DELTA, pieces=1 << 18, **more):
    """data at path, said by that delta."""
    if form == pr.DELTA:
        more.setdefault("length", len(delta))
    if more.get("length", 0) is None:
        del more["length"]
    t.say("FILE_UPDATE", [pr.update(n, path, data, form=form, **more)],
          delta if form == pr.DELTA else b"")
    if form == pr.DELTA_STREAM:
        parts(t, n, delta, pieces)


def parts(t, n, delta, pieces=1 << 18, bad=False):
    at = 0
    while True:
        piece = delta[at:at + pieces]
        last = at + len(piece) == len(delta)
        t.say("FILE_DATA", contents=piece, id=n, offset=at, last=last,
              bad=last and bad)
        at += len(piece)
        if last:
            break


# What a client may do.

@case("HC-00 honest deltas in Python, inline and in parts of 1, 7 and all")
def honest(h):
    files = [("d%d.md" % n, TEXT) for n in range(4)]
    t = meet(h, files)
    say(t, 0, "d0.md", EDIT, GOOD, old=TEXT)
    for n, pieces in ((1, 1), (2, 7), (3, 1 << 18)):
        say(t, n, "d%d.md" % n, EDIT, GOOD, pr.DELTA_STREAM, pieces, old=TEXT)
    got = t.answers()
    check(got == {n: "ACK" for n in range(4)}, str(got))
    for path, _ in files:
        h.may(path, EDIT)
    t.bye()
    h.honest("sync", h.root, os.path.join(h.base, "log", "copy"))


@case("HC-00 honest deltas of another file, new and over an old one")
def honest_from(h):
    t = meet(h)
    more = dict(from_="doc.md", base=pr.sha(TEXT))
    for n, form in enumerate(FORMS.values()):
        say(t, n, "new%d.md" % n, EDIT, GOOD, form, **more)
    say(t, 2, "a.md", EDIT, GOOD, old=b"alpha\n", **more)
    # A half of the pair is no pair: then it is IF that counts.
    say(t, 3, "sub/b.md", b"beta\n!", pr.delta((0, 5), b"!"), old=b"beta\n",
        from_="doc.md")
    say(t, 4, "doc.md", EDIT, GOOD, old=TEXT, base=NUL32)
    got = t.answers()
    check(got == {n: "ACK" for n in range(5)}, str(got))
    for path in ("new0.md", "new1.md", "a.md", "doc.md"):
        h.may(path, EDIT)
    h.may("sub/b.md", b"beta\n!")
    t.bye()
    for line in h.honest("log", "--json", h.root).splitlines():
        check('"from"' not in line, "it speaks of a move: " + line)


@case("HC-00 honest deltas by dice: forward, back, overlapping")
def honest_dice(h):
    t = meet(h)
    for seed in range(60):
        dice = random.Random(seed)
        steps, out = [], b""
        for _ in range(dice.randrange(1, 40)):
            if dice.random() < 0.4:
                steps.append(b"%d\n" % dice.randrange(10 ** 9))
                out += steps[-1]
                continue
            at = dice.randrange(len(TEXT))
            n = dice.randrange(1, 1 + min(3000, len(TEXT) - at))
            steps.append((at, n))
            out += TEXT[at:at + n]
        delta = pr.delta(*steps)
        check(pr.undelta(TEXT, delta) == out, "Python is wrong")
        path = "x%d.md" % seed
        say(t, seed, path, out, delta, dice.choice(list(FORMS.values())),
            dice.choice([1, 3, 100, 1 << 18]), from_="doc.md",
            base=pr.sha(TEXT))
        h.may(path, out)
    got = t.answers()
    check(got == {n: "ACK" for n in range(60)}, str(got))
    t.bye()


@case("HC-15 a chain of deltas, each for what the one before made")
def chain(h):
    t = meet(h)
    was = TEXT
    for n in range(6):
        now = b"%d\n" % n + was
        say(t, n, "doc.md", now, pr.delta(b"%d\n" % n, (0, len(was))),
            list(FORMS.values())[n % 2], old=was)
        was = now
    t.say("FILE_MOVE", [pr.entry("moved.md", was, id=6, from_="doc.md",
                                 if_=pr.sha(was))])
    say(t, 7, "moved.md", was + b"!", pr.delta((0, len(was)), b"!"), old=was)
    got = t.answers()
    check(got == {n: "ACK" for n in range(8)}, str(got))
    h.may("doc.md", None)
    h.may("moved.md", was + b"!")
    t.bye()
    h.check_kept("moved.md", pr.sha(was).hex())


def held(t):
    """What the peer holds of files that did not come whole."""
    out = {}
    t.say("CHANGES")
    while True:
        m = t.expect("CHANGES")
        out.update({r["hash"]: r["offset"] for r in m.records
                    if set(r) == {"hash", "offset"}})
        if not m["more"]:
            return out


def cut(h, data, upto):
    """A stream that is cut: so much of it is held."""
    t = meet(h, [("doc.md", TEXT), ("large.md", LARGE)])
    t.say("FILE_UPDATE", [pr.update(1, "large.md", data, LARGE,
                                    form=pr.STREAM)])
    t.say("FILE_DATA", contents=data[:upto], id=1)
    t.ended(0)
    t = h.peer()
    t.meet(features=["delta"])
    check(held(t) == {pr.sha(data): upto}, "not held")
    return t


@case("NW-02 a stream that was cut goes on as a delta")
def goes_on(h):
    data = b"in front\n" + LARGE
    t = cut(h, data, 150000)
    say(t, 1, "large.md", data, pr.delta((149991, len(LARGE) - 149991)),
        pr.DELTA_STREAM, old=LARGE, offset=150000)
    check(t.answers() == {1: "ACK"}, "refused")
    check(held(t) == {}, "still held")
    h.may("large.md", data)
    t.bye()


@case("NW-02 a delta that is cut goes on as a stream")
def delta_cut(h):
    data = b"in front\n" + LARGE
    t = meet(h, [("large.md", LARGE)])
    t.say("FILE_UPDATE", [pr.update(1, "large.md", data, LARGE,
                                    form=pr.DELTA_STREAM)])
    delta = pr.delta(b"in front\n", (0, len(LARGE) - 1000))
    t.say("FILE_DATA", contents=delta, id=1)
    t.ended(0)
    t = h.peer()
    t.meet(features=["delta"])
    upto = held(t)[pr.sha(data)]
    check(upto == len(data) - 1000, "held: %d" % upto)
    t.say("FILE_UPDATE", [pr.update(1, "large.md", data, LARGE,
                                    form=pr.STREAM, offset=upto)])
    t.say("FILE_DATA", contents=data[upto:], id=1, offset=upto, last=True)
    check(t.answers() == {1: "ACK"}, "refused")
    h.may("large.md", data)
    t.bye()


@case("NW-02 what is held outlives a delta of another version")
def held_outlives(h):
    data = b"in front\n" + LARGE
    t = cut(h, data, 150000)
    say(t, 1, "large.md", data, pr.delta((0, 1)), pr.DELTA_STREAM,
        old=b"other\n", offset=150000)
    check(t.answers() == {1: CHANGED}, "another answer")
    check(held(t) == {pr.sha(data): 150000}, "it was dropped")
    t.bye()


@case("NW-02 what is held and is no part of it is dropped")
def held_wrong(h):
    data = b"in front\n" + LARGE
    t = cut(h, data, 150000)
    say(t, 1, "large.md", data, pr.delta((0, len(data) - 150000)),
        pr.DELTA_STREAM, old=LARGE, offset=150000)
    check(t.answers() == {1: CHANGED}, "another answer")
    check(held(t) == {}, "it is still held")
    t.bye()


@case("HC-03 a delta that begins where nothing is held")
def forged_offset(h):
    for offset in (1, len(EDIT) - 1, len(EDIT)):
        t = meet(h)
        say(t, 1, "doc.md", EDIT, GOOD[:0], pr.DELTA_STREAM, old=TEXT,
            offset=offset)
        got = t.answers()
        check(got == {1: CHANGED}, str(got))
        t.bye()
    for offset in (len(EDIT) + 1, pr.INT64_MAX):
        t = meet(h)
        t.say("FILE_UPDATE", [pr.update(1, "doc.md", EDIT, TEXT,
                                        form=pr.DELTA_STREAM, offset=offset)])
        t.refuses("behind its end")


# What is no delta ends the session.

def broken(name, delta, text="bad delta", forms=FORMS, **more):
    for how, form in forms.items():
        @case("HC-10 a delta with %s, %s" % (name, how))
        def run(h, form=form):
            t = meet(h)
            say(t, 1, "doc.md", EDIT, delta, form, old=TEXT, **more)
            t.refuses(text)


LOW = len(EDIT)
for what, delta in {
    "a step of nothing": pr.leb(0),
    "a copy of nothing": pr.leb(1) + pr.leb(0),
    "a step of nothing at its end": GOOD + pr.leb(0),
    "a byte too much": GOOD + pr.delta(b"!"),
    "a copy too much": GOOD + pr.leb(3) + pr.leb(1),
    "contents that are longer than all": pr.leb(2 * LOW + 2) + b"x",
    "a copy that is longer than all": pr.delta((0, LOW + 1)),
    "contents of 2^62 bytes": pr.leb(2**63 - 2) + b"x",
    "a copy of 2^62 bytes": pr.leb(2**63 - 1) + b"\0",
    "a number of 2^63": pr.leb(2**63) + b"x",
    "a number of 2^64": pr.leb(2**64) + b"x",
    "a number that does not end": b"\xff" * 1000,
    "a number that ends in a zero": b"\x82\x00x",
    "a zero in two bytes": pr.leb(3) + b"\x80\x00",
}.items():
    broken(what, delta)


# One of another base may be an accident: it is refused, and that is all.

def astray(name, delta):
    for how, form in FORMS.items():
        @case("HC-10 a delta with %s, %s" % (name, how))
        def run(h, form=form):
            t = meet(h)
            say(t, 1, "doc.md", EDIT, delta, form, old=TEXT)
            got = t.answers()
            check(got == {1: CHANGED}, str(got))
            t.bye()


for what, delta in {
    "a copy from behind the base": pr.delta((len(TEXT), 1)),
    "a copy from far behind it": pr.leb(3) + pr.leb(2**63 - 2),
    "a copy beyond its end": pr.delta((len(TEXT) - 1, 2)),
    "a copy from before it": pr.leb(3) + pr.leb(1),
    "a copy from far before it": pr.leb(3) + pr.leb(2**63 - 1),
    "a second copy from before it": pr.delta((0, 5)) + pr.leb(3) + pr.leb(11),
    "a second copy from behind it": pr.delta((9, 5)) + pr.leb(3) +
    pr.leb(2 * (len(TEXT) - 14)),
}.items():
    astray(what, delta)

SHORT = {
    "no step": b"",
    "a step too few": pr.delta((0, 20000), b"an edit\n"),
    "a byte too few": pr.delta((0, 20000), b"an edit\n",
                               (TAIL[0], TAIL[1] - 1)),
    "contents that do not come": pr.delta((0, 20000)) + pr.leb(16) + b"an e",
    "a number that is cut": GOOD[:-1],
    "a number that is cut behind its end": GOOD + b"\x80",
}
INLINE = {"inline": pr.DELTA}
for what, delta in SHORT.items():
    broken(what, delta, forms=INLINE)
broken("a length that is missing", GOOD, "contents missing", INLINE,
       length=None)
broken("a length larger than the payload", GOOD, "contents missing", INLINE,
       length=len(GOOD) + 1)
broken("a length of 2^32 - 1", GOOD, "contents missing", INLINE,
       length=2**32 - 1)
broken("a length smaller than the payload", GOOD, None, INLINE,
       length=len(GOOD) - 1)
broken("a payload behind it", GOOD + b"!", "more contents", INLINE,
       length=len(GOOD))
broken("more than a message has room for", GOOD, "too much", INLINE,
       size=(1 << 20) + 1)
for what, more in {
    "nothing": {}, "another file that has no version": dict(from_="doc.md"),
    "a version of no file": dict(base=pr.sha(TEXT)),
}.items():
    for how, form in FORMS.items():
        @case("HC-04 a delta of %s, %s" % (what, how))
        def nothing(h, form=form, more=more):
            t = meet(h)
            say(t, 1, "new.md", EDIT, GOOD, form, **more)
            t.refuses("a delta of nothing")
for what, path in rubbish.PATHS.items():
    @case("HC-02 a delta of a file named " + what)
    def outside(h, path=path):
        t = meet(h)
        say(t, 1, "new.md", EDIT, GOOD, from_=path, base=pr.sha(TEXT))
        t.refuses("bad record")


def streamed(name, *said):
    @case("HC-03 " + name)
    def run(h):
        t = meet(h)
        t.say("FILE_UPDATE", [pr.update(1, "doc.md", EDIT, TEXT,
                                        form=pr.DELTA_STREAM)])
        for data, members in said:
            t.say("FILE_DATA", contents=data, **dict(dict(id=1), **members))
        t.refuses("a part of no file")


streamed("a part of a delta with a gap before it", (GOOD, dict(offset=1)))
streamed("a part of a delta at what it makes", (pr.delta((0, 20000)), {}),
         (b"x", dict(offset=20000)))
streamed("a part of a delta twice", (GOOD[:5], {}), (GOOD[:5], {}))
streamed("a part of a delta at 2^63 - 1", (b"x", dict(offset=pr.INT64_MAX)))
streamed("a part of a delta after its last", (GOOD, dict(last=True)),
         (b"", dict(offset=len(GOOD))))


@case("HC-03 deltas that end early, or say of themselves that they are bad")
def early(h):
    t = meet(h)
    for n, delta in enumerate(SHORT.values()):
        say(t, n, "doc.md", EDIT, delta, pr.DELTA_STREAM, old=TEXT)
    t.say("FILE_UPDATE", [pr.update(50, "doc.md", EDIT, TEXT,
                                    form=pr.DELTA_STREAM)])
    parts(t, 50, GOOD, bad=True)
    got = t.answers()
    check(got == dict.fromkeys([*range(len(SHORT)), 50], CHANGED), str(got))
    t.bye()


@case("NW-01 a delta that never ends")
def never(h):
    t = meet(h)
    t.say("FILE_UPDATE", [pr.update(1, "doc.md", EDIT, TEXT,
                                    form=pr.DELTA_STREAM)])
    t.say("FILE_DATA", contents=GOOD, id=1)
    t.send(pr.message("FILE_DATA", id=1, offset=len(GOOD)) * 10000)
    t.ended(0)


# What is one file's trouble is no more than that.

def refused(name, *codes, path="doc.md", data=EDIT, delta=GOOD, setup=None,
            hello=(), **more):
    for how, form in FORMS.items():
        @case("%s, %s" % (name, how))
        def run(h, form=form):
            if setup:
                setup(h)
            t = meet(h, **dict(hello))
            say(t, 1, path, data, delta, form, **more)
            t.say("FILE_UPDATE", [pr.update(9, "next.md", NEW)], NEW)
            got = t.answers()
            check(got.pop(9) == "ACK", "the next one was refused")
            check(sorted(got) == [1] and got[1] in codes, str(got))
            h.may("next.md", NEW)
            check(held(t) == {}, "something is held")
            t.bye()


def of(path, data, **more):
    return dict(path="new.md", from_=path, base=pr.sha(data), **more)


refused("HC-01 a delta that makes other contents", CHANGED, old=TEXT,
        hash=pr.sha(TEXT))
refused("HC-01 a delta that makes its base", CHANGED, old=TEXT,
        delta=pr.delta((0, len(EDIT))))
refused("HC-01 a delta that makes binary contents", REFUSED, old=TEXT,
        data=b"\0" + TEXT, delta=pr.delta(b"\0", (0, len(TEXT))))
refused("HC-03 a delta of another version", CHANGED, old=b"other\n")
refused("HC-03 a delta of another version of another file", CHANGED,
        **of("doc.md", EDIT))
refused("HC-03 a delta of what it makes", CHANGED, old=EDIT)
refused("HC-03 a delta of a file that is not there", CHANGED,
        **of("no.md", TEXT))
refused("HC-03 a delta of a file in a folder that is not there", CHANGED,
        **of("no/no/no.md", TEXT))
refused("HC-03 a delta of a folder", CHANGED, **of("sub", TEXT))
refused("HC-03 a delta of what is below a file", CHANGED,
        **of("doc.md/x", TEXT))
refused("SY-16 a delta of a symlink", CHANGED, **of("leaf.md", b"secret\n"))
refused("SY-16 a delta of a file behind a symlink", CHANGED,
        **of("link/secret.md", b"secret\n"))
refused("HC-16 a delta that makes a file too large", REFUSED, old=TEXT,
        hello=dict(max_size=len(EDIT) - 1))
refused("HC-16 a delta that makes 2^63 - 1 bytes", REFUSED, old=TEXT,
        size=pr.INT64_MAX)


# An oracle is a way to ask whether a guess is true.

def oracle(name, path, data, setup=None, **hello):
    """However near a guess comes, the answer is the same."""
    @case("HC-18 guesses at a file %s" % name)
    def run(h):
        if setup:
            setup(h)
        h.remember()
        t = h.peer()
        t.meet(features=["delta"], **hello)
        said, n = {}, 0
        part = data[2:]
        for base in (data, data + b"!", b""):
            for right, delta in ((part, pr.delta((2, len(part)))),
                                 (b"?" * len(part), pr.delta((2, len(part)))),
                                 (part, pr.delta(part))):
                for form in FORMS.values():
                    n += 1
                    say(t, n, "guess.md", right, delta, form, from_=path,
                        base=pr.sha(base))
                    say(t, n + 1000, path, right, delta, form, old=base)
        t.say("PING", token=1)
        while True:
            m = t.expect("REFUSED", "PONG")
            if m.t == "PONG":
                break
            for r in m.records:
                said.setdefault(r["id"] // 1000, set()).add(
                    str({k: v for k, v in r.items() if k != "id"}))
        check(len(said) == 2 and {len(v) for v in said.values()} == {1},
              "the answers differ: %s" % said)
        check(held(t) == {}, "something is held")
        t.say("GET", [pr.entry("guess.md", part, id=1, if_=pr.sha(data))])
        t.expect("REFUSED")
        t.bye()


def ignored_now(h):
    """It was synced once: the journal has its hash, and a signature."""
    h.put("was.log", TEXT)
    t = h.peer()
    t.meet()
    t.bye()
    h.put(".dsyncignore", b"*.log\n")


def binary_now(h):
    h.put("was.md", TEXT)
    t = h.peer()
    t.meet()
    t.bye()
    h.put("was.md", b"\0" + TEXT)


def unread(h):
    h.put("unread.md", TEXT)
    os.chmod(os.path.join(h.root, "unread.md"), 0)
    if os.access(os.path.join(h.root, "unread.md"), os.R_OK):
        raise Skip("nothing is unread for root")


oracle("that is hidden", ".hidden.md", b"hidden\n")
oracle("that is hidden, and is not there", ".nothing.md", b"hidden\n")
oracle("that is binary", "data.bin", b"\0\1binary")
oracle("that is not there", "no.bin", b"\0\1binary")
oracle("that was a text and is binary", "was.md", b"\0" + TEXT, binary_now)
oracle("that is ignored", "x.log", TEXT, lambda h: (
    h.put(".dsyncignore", b"*.log\n"), h.put("x.log", TEXT)))
oracle("that was synced and is ignored", "was.log", TEXT, ignored_now)
oracle("that is behind a symlink", "link/secret.md", b"secret\n")
oracle("that is a symlink", "leaf.md", b"secret\n")
oracle("that is too large", "large.md", TEXT,
       lambda h: h.put("large.md", TEXT), max_size=len(TEXT) - 1)
oracle("that can't be read", "unread.md", TEXT, unread)
oracle("of dsync's own, nearly", ".dsyn/journal.db", b"SQLite format 3\0")


# Policies.

def preset(h, text):
    config = os.path.join(h.base, "log", "dsync")
    os.makedirs(config)
    with open(os.path.join(config, "presets.conf"), "w") as f:
        f.write("[preset notes]\npath = %s\n%s" % (h.root, text))
    h.put("doc.md", TEXT)
    h.remember()
    t = h.peer(env=dict(XDG_CONFIG_HOME=os.path.dirname(config)))
    t.meet(preset="notes", features=["delta"])
    return t


@case("HC-14 deltas in a preset that may only be read")
def read_only(h):
    t = preset(h, "access = read\n")
    for n, form in enumerate(FORMS.values()):
        say(t, n, "doc.md", EDIT, GOOD, form, old=TEXT)
        say(t, n + 2, "new.md", EDIT, GOOD, form, from_="doc.md",
            base=pr.sha(TEXT))
    got = t.answers()
    check(got == dict.fromkeys(range(4), REFUSED), str(got))
    t.bye()


@case("HC-13 deltas in a preset in which files may be changed")
def edit_only(h):
    t = preset(h, "access = edit\n")
    say(t, 0, "new.md", EDIT, GOOD, from_="doc.md", base=pr.sha(TEXT))
    say(t, 1, "doc.md", EDIT, GOOD, old=TEXT)
    got = t.answers()
    check(got == {0: REFUSED, 1: "ACK"}, str(got))
    h.may("doc.md", EDIT)
    t.bye()


@case("HC-16 deltas and a quota: what is made counts, not what is sent")
def quota(h):
    t = preset(h, "access = full\nquota = 100k\n")
    for n in range(4):
        say(t, n, "new%d.md" % n, TEXT, pr.delta((0, len(TEXT))),
            list(FORMS.values())[n % 2], from_="doc.md", base=pr.sha(TEXT))
    got = t.answers()
    check(got == {0: "ACK", 1: 3, 2: 3, 3: 3}, str(got))
    h.may("new0.md", TEXT)
    t.bye()


@case("HC-14 a delta in a dry run")
def dry_run(h):
    t = meet(h, dry_run=True)
    say(t, 1, "doc.md", EDIT, GOOD, old=TEXT)
    t.refuses("dry run")


# A base that somebody else is at.

@case("FS a base that is saved between the look and the delta")
def saved(h):
    t = meet(h, [("doc.md", TEXT), ("d2.md", TEXT)])
    h.put("doc.md", TEXT[::-1], mtime=1650000000 * 10**9)
    h.put("d2.md", b"short\n", mtime=1650000000 * 10**9)
    h.may("doc.md", TEXT[::-1])
    h.may("d2.md", b"short\n")
    h.check_kept = lambda *a: None  # it was not dsync who displaced it
    n = 0
    for path in ("doc.md", "d2.md"):
        for form in FORMS.values():
            n += 1
            say(t, n, path, EDIT, GOOD, form, old=TEXT)
    got = t.answers()
    check(got == {1: CHANGED, 2: CHANGED, 3: CHANGED, 4: CHANGED}, str(got))
    t.bye()
    h.check_journal = lambda: None


@case("FS a base that is cut short while a delta comes")
def cut_base(h):
    t = meet(h, [("large.md", LARGE)])
    data = LARGE + NEW
    t.say("FILE_UPDATE", [pr.update(1, "large.md", data, LARGE,
                                    form=pr.DELTA_STREAM)])
    t.say("FILE_DATA", contents=pr.delta((0, 1000)), id=1)
    t.say("GET", [pr.entry("a.md", b"alpha\n", id=2)])
    t.expect("FILE_UPDATE")
    with open(os.path.join(h.root, "large.md"), "r+b") as f:
        f.truncate(500)
    rest = pr.delta((0, 1000), (1000, len(LARGE) - 1000), NEW)
    first = len(pr.delta((0, 1000)))
    t.say("FILE_DATA", contents=rest[first:], id=1, offset=first, last=True)
    got = t.answers()
    check(got == {1: CHANGED}, str(got))
    h.may("large.md", LARGE[:500])
    h.check_kept = lambda *a: None
    t.bye()
    h.check_journal = lambda: None


# What the peer makes of a question with IF.

def give(t, path, data, old, **more):
    """The answer to GET: its record, and what came of it."""
    t.say("GET", [pr.entry(path, data, id=1, if_=pr.sha(old), **more)])
    m = t.expect("FILE_UPDATE")
    rec, got = m.records[0], m.contents
    if rec["form"] in (pr.STREAM, pr.DELTA_STREAM):
        last, start = False, rec.get("offset", 0)
        start = 0 if rec["form"] == pr.DELTA_STREAM else start
        while not last:
            m = t.expect("FILE_DATA")
            check(m["offset"] == start + len(got), "another part")
            got, last = got + m.contents, m["last"]
            check(not m["bad"], "it is bad")
    else:
        check(rec.get("length", len(got)) == len(got), "another length")
    return rec, got


def two_versions(h, path, first, second):
    """The peer has seen both; the second one stands there."""
    h.put(path, first)
    t = h.peer()
    t.meet()
    t.bye()
    h.put(path, second, mtime=1650000000 * 10**9)
    h.remember()
    t = h.peer()
    t.meet(features=["delta"])
    return t


@case("HC-00 a delta of the peer, undone in Python")
def undone(h):
    large = LARGE[:200000] + b"an edit\n" + LARGE[200000:]
    h.put("large.md", LARGE)
    t = two_versions(h, "doc.md", TEXT, EDIT)
    rec, got = give(t, "doc.md", EDIT, TEXT)
    check(rec["form"] == pr.DELTA and len(got) < 2000, str(rec))
    check(pr.undelta(TEXT, got) == EDIT, "it makes something else")
    t.bye()
    h.put("large.md", large, mtime=1650000000 * 10**9)
    h.remember()
    t = h.peer()
    t.meet(features=["delta"])
    for offset in (0, 1, 199999, 200004, 300000, len(large)):
        rec, got = give(t, "large.md", large, LARGE, **(
            dict(offset=offset) if offset else {}))
        check(rec["form"] == pr.DELTA_STREAM and len(got) < 20000, str(rec))
        check(rec.get("offset", 0) == offset, "it begins elsewhere")
        check(pr.undelta(LARGE, got) == large[offset:],
              "it makes something else from %d on" % offset)
    t.bye()


@case("HC-03 GET of what the peer has no signature of comes whole")
def unknown_base(h):
    h.put("large.md", LARGE)
    t = two_versions(h, "doc.md", TEXT, EDIT)
    for old in (EDIT + b"?", b"", b"alpha\n", b"hidden\n"):
        rec, got = give(t, "doc.md", EDIT, old)
        check(rec["form"] == pr.WHOLE and got == EDIT, str(rec))
        rec, got = give(t, "large.md", LARGE, old)
        check(rec["form"] == pr.STREAM and got == LARGE, str(rec))
    t.bye()


@case("VR-02 a client that takes no deltas gets none")
def no_feature(h):
    t = two_versions(h, "doc.md", TEXT, EDIT)
    t.bye()
    t = h.peer()
    t.meet()
    rec, got = give(t, "doc.md", EDIT, TEXT)
    check(rec["form"] == pr.WHOLE and got == EDIT, str(rec))
    t.bye()


@case("HC-01 GET of an old version with the size of the new one")
def lying_size(h):
    """What is there begins like the old version, which was twice as long."""
    t = two_versions(h, "large.md", LARGE * 2, LARGE)
    t.say("GET", [pr.entry("large.md", LARGE * 2, id=1, size=len(LARGE),
                           if_=pr.sha(LARGE))])
    m = t.expect("REFUSED", "FILE_UPDATE")
    check(m.t == "REFUSED" and m.records[0]["fault"][0] == CHANGED,
          "more than was announced is on its way")
    t.bye()


# Floods.

@case("RL half a million copies of a byte, in one message")
def one_byte(h):
    data = LARGE[:400000]
    t = meet(h, [("large.md", data)])
    say(t, 1, "large.md", data + NEW, b"\3\0" * len(data) + pr.delta(NEW),
        old=data)
    check(t.answers() == {1: "ACK"}, "refused")
    h.may("large.md", data + NEW)
    t.bye()


@case("RL a million copies of a byte, streamed")
def one_byte_stream(h):
    data = LARGE[:400000]
    t = meet(h, [("large.md", data)])
    back = pr.leb(3) + pr.leb(2 * len(data) - 1)
    delta = b"\3\0" * len(data) + (back + b"\3\0" * (len(data) - 1)) * 2
    say(t, 1, "large.md", data * 3, delta, pr.DELTA_STREAM, old=data)
    check(t.answers() == {1: "ACK"}, "refused")
    h.may("large.md", data * 3)
    t.bye()


@case("RL a few bytes that make much, again and again")
def much(h):
    data = (LARGE * 3)[:1 << 20]
    t = meet(h, [("large.md", data)])
    n = 100
    delta = pr.delta((0, len(data)))
    more = dict(from_="large.md", base=pr.sha(data), form=pr.DELTA,
                length=len(delta))
    t.say("FILE_UPDATE", [pr.update(i, "x%d.md" % i, data, hash=NUL32, **more)
                          for i in range(n)], delta * n)
    got = t.answers()
    check(got == dict.fromkeys(range(n), CHANGED), str(got))
    t.bye()


@case("RL a delta of 10 bytes that makes 60 MiB")
def bomb(h):
    data = b"y\n" * (1 << 19)
    t = meet(h, [("large.md", data)])
    n = 60
    back = pr.leb(2 * len(data) + 1) + pr.leb(2 * len(data) - 1)
    delta = pr.delta((0, len(data))) + back * (n - 1)
    digest = hashlib.sha256()
    for _ in range(n):
        digest.update(data)
    say(t, 1, "large.md", b"", delta, pr.DELTA_STREAM, old=data,
        size=n * len(data), hash=digest.digest())
    check(t.answers() == {1: "ACK"}, "refused")
    check(os.path.getsize(os.path.join(h.root, "large.md")) == n * len(data),
          "another size")
    t.bye()
    os.unlink(os.path.join(h.root, "large.md"))
    h.may("large.md", None)
    h.check_journal = lambda: None


@case("RL questions with IF without end, and nobody reads the answers")
def get_flood(h):
    t = two_versions(h, "large.md", LARGE, b"in front\n" + LARGE)
    t.deaf = True
    gets = pr.message("GET", [pr.entry("large.md", b"in front\n" + LARGE,
                                       id=n, if_=pr.sha(LARGE))
                              for n in range(1000)])
    for _ in range(100):
        if not t.send(gets, patience=2):
            break
    t.hang_up()
    check(t.process.wait() in (0, 10, 12), "exit %s" % t.process.code)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
