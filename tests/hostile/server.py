# SPDX-License-Identifier: MIT
"""A hostile server against `dsync sync`.

HS are lessons from attacks on other clients that trusted their server; the
rest is named as in client.py.
"""

import random

from honest import *
from house import *
import protocol as pr
import rubbish

OLD, NEW = b"alpha\n", b"a new text\n"
NUL32 = bytes(32)


# All goes well.

@case("HS-00 an honest server in Python")
def honest(h):
    s = Server(h, dict(SAME, **{"new/x.md": NEW, "big.md": b"line\n" * 200000}))

    def give(m):
        for r in m.records:
            if r["path"] != b"big.md":
                s.give_one(r)
                continue
            data = s.files["big.md"]
            s.t.say("FILE_UPDATE", [s.entry("big.md", id=r["id"],
                                            form=pr.STREAM)])
            for at in range(0, len(data), 1 << 18):
                piece = data[at:at + (1 << 18)]
                s.t.say("FILE_DATA", contents=piece, id=r["id"], offset=at,
                        last=at + len(piece) == len(data))
    s.on["GET"] = give
    s.ends(0)
    for path in ("new/x.md", "big.md"):
        check(h.get(path) == s.files[path], path)
        h.may(path, s.files[path])
    check("in sync" in printed(s.t), printed(s.t))
    h.put("mine.md", b"mine\n")
    h.remember()
    s = Server(h, s.files, seq=s.seq)
    s.ends(0)
    check(s.files["mine.md"] == b"mine\n", "not sent")


def server_case(name, send, code=12, state="CHANGES", text=None, options=(),
                **hello):
    """send(s) is one thing to say in a state of the client, and the end."""
    @case(name)
    def run(h):
        h.put("mine.md", b"mine\n")
        h.remember()
        s = Server(h, options=options, **hello)
        s.told = [pr.entry("theirs.md", NEW)]
        say = send

        def now(m=None):
            data = say(s)
            if isinstance(data, bytes):
                s.t.send(data)
        if state == "HELLO":
            s.t.expect("HELLO")
            now()
        else:
            s.t.meet(**s.hello)
        if state == "CHANGES":
            now()
        elif state == "TRANSFER":
            s.tell()
            s.t.until("GET")
            now()
        elif state == "PROOF":
            s.told = []
            s.tell()
            s.on["DONE"] = now
            s.run(meet=False)
        last = (s.t.rest() or s.t.heard)[-1]
        if code == 12:
            check(last.t == "ERROR", "no ERROR, but " + last.t)
            check(text is None or text in last["text"], last["text"])
        s.t.ends(code)


# Bytes that are no frames, and frames that are no messages.

for what, length in rubbish.LENGTHS.items():
    server_case("HS-01 a header of %s bytes" % what,
                lambda s, n=length: pr.frame(b"{}", length=n),
                text="bad frame")
for what, text in rubbish.MESSAGES.items():
    server_case("HS-06 " + what, lambda s, x=text: pr.frame(x),
                text="bad message")
for what, rec in rubbish.RECORDS.items():
    server_case("HS-04 a record with " + what,
                lambda s, r=rec: pr.message("CHANGES", [r]),
                text="bad record")
server_case("HS-04 a record with no field at all",
            lambda s: pr.message("CHANGES", [pr.record()]), text="lacks")
for field in ("hash", "size", "kind", "path"):
    def lacks(s, field=field):
        fields = dict(path="x.md", kind=1, hash=NUL32, size=1, mtime=0)
        del fields[field]
        return pr.message("CHANGES", [pr.record(**fields)])
    server_case("HS-04 a record without its " + field, lacks, text="lacks")
server_case("HS-01 CHANGES with contents",
            lambda s: pr.message("CHANGES", [], b"contents"))


def noise_case(what, *pieces):
    @case("NW-10 " + what)
    def run(h):
        s = h.client()
        s.expect("HELLO")
        for p in pieces:
            if not s.send(p):
                break
        s.rest()
        check(s.process.wait() in (2, 5, 12), "exit %s: %s" % (
            s.process.code, printed(s)))
        check(len(printed(s)) < 4000, "it repeats what it was told")


noise_case("a shell that greets", b"Welcome to mallory!\n")
noise_case("a shell that greets in colours", b"\x1b[2J\x1b[31mHi\x07\n")
noise_case("1 MiB of a letter", b"x" * (1 << 20))
noise_case("1 MiB of zeros", bytes(1 << 20))
noise_case("a page of HTTP", b"HTTP/1.1 400 Bad Request\r\n\r\n")
noise_case("random bytes", random.Random(1).randbytes(100000))


@case("NW-12 what it prints aside is shown, and escaped")
def aside(h):
    s = Server(h, noise=b"\x1b[2Jhello\x07\n\x9b31m\xff\r\n" + b"x" * 5000 +
               b"\ndsync: \x1b]0;owned\x07\n")
    s.ends(0)
    check("hello" in printed(s.t), "not shown")


@case("NW-12 100,000 lines aside")
def much_aside(h):
    s = Server(h, noise=b"a line of noise\n" * 3000)
    s.ends(0)


# HELLO.

for what, members in {
    "no root": dict(root=None),
    "a root of 40 digits": dict(root="0" * 40),
    "a root that is no hex": dict(root="../../etc"),
    "an unknown access": dict(access="root"),
    "an unknown rule": dict(conflict="mine"),
    "a clock of 2^63": dict(clock=2**63),
    "a granularity of -1": dict(granularity=-1),
    "a max_size of -1": dict(max_size=-1),
    "a rate of -1": dict(rate=-1),
    "a version of two lines": dict(version="1\n2"),
    "a sandbox with ESC": dict(sandbox="\x1b[2J"),
    "33 features": dict(features=["x"] * 33),
}.items():
    server_case("HS-06 HELLO with " + what,
                lambda s, m=members: s.t.say("HELLO", **dict(
                    dict(root=s.t.ROOT, access="full"), **m)),
                state="HELLO", text="bad message")
server_case("VR-02 HELLO that requires what nobody knows",
            lambda s: pr.message("HELLO", require=["teleport"],
                                 root="5e" * 16),
            state="HELLO", code=2)
for what, rules in {"a NUL": b"*.md\0", "64 KiB + 1": b"x" * 65537}.items():
    server_case("HS-06 rules with " + what,
                lambda s, r=rules: pr.message("HELLO", [], r, root="5e" * 16,
                                              access="full"),
                state="HELLO", text="rules")


def extremes(name, **hello):
    @case("HS-15 " + name)
    def run(h):
        h.put("mine.md", b"mine\n")
        h.remember()
        s = Server(h, dict(SAME, **{"x.md": NEW, "a.md": b"ALPHA\n"}), **hello)
        s.on["FILE_UPDATE"] = lambda m: s.t.say("REFUSED", [pr.record(
            id=r["id"], fault=(7, "no")) for r in m.records])
        for path in ("x.md", "a.md"):
            h.may(path, h.get(path), s.files[path])
        s.run()
        s.t.ends(0, 23, 40)


extremes("a clock of INT64_MAX", clock=pr.INT64_MAX)
extremes("a clock of INT64_MIN", clock=pr.INT64_MIN)
extremes("a clock of 2^62", clock=2**62 - 1)
extremes("a granularity of INT64_MAX", granularity=pr.INT64_MAX)
extremes("an access of nothing", access="")
extremes("a size limit of 1", max_size=1)
extremes("no limit, and hidden names", max_size=pr.INT64_MAX, hidden=True)


@case("HS-15 a server's terms never widen the client's")
def terms(h):
    s = Server(h, dict(SAME, **{".bashrc": NEW, "x.log": NEW}), ["--exclude",
               "*.log"], hidden=True, max_size=pr.INT64_MAX)
    s.run()
    s.t.ends(0, 23)


# Out of order.

TYPES = {
    "HELLO": {"CHANGES", "TRANSFER", "PROOF"},
    "CHANGES": {"HELLO", "TRANSFER", "PROOF"},
    "FILE_UPDATE": {"HELLO", "CHANGES", "PROOF"},
    "FILE_DATA": {"HELLO", "CHANGES", "PROOF"},
    "ACK": {"HELLO", "CHANGES", "PROOF"},
    "REFUSED": {"HELLO", "CHANGES", "PROOF"},
    "DONE": {"HELLO", "CHANGES", "TRANSFER"},
    "FILE_DELETE": {"HELLO", "CHANGES", "TRANSFER", "PROOF"},
    "FILE_MOVE": {"HELLO", "CHANGES", "TRANSFER", "PROOF"},
    "GET": {"HELLO", "CHANGES", "TRANSFER", "PROOF"},
    "BYE": {"HELLO", "CHANGES", "TRANSFER", "PROOF"},
}
for kind, states in TYPES.items():
    for state in sorted(states):
        server_case("HS-02 %s in %s" % (kind, state),
                    lambda s, k=kind: pr.message(k), state=state,
                    text="out of place")
for state in ("HELLO", "CHANGES", "TRANSFER", "PROOF"):
    server_case("HS-02 news in a session that is not live, in " + state,
                lambda s: pr.message("CHANGES", seq=1, since=1,
                                     epoch=s.t.EPOCH), state=state,
                text="out of place" if state == "HELLO" else "nobody asked")
    server_case("NW-01 ERROR in " + state,
                lambda s: pr.message("ERROR", code=7, text="no"), code=43,
                state=state)

    @case("NW-01 the end in " + state)
    def end(h, state=state):
        s = Server(h)
        s.told = [pr.entry("theirs.md", NEW)] if state == "TRANSFER" else []
        s.t.expect("HELLO")
        if state != "HELLO":
            s.t.say("HELLO", root=s.t.ROOT, access="full")
        if state in ("TRANSFER", "PROOF"):
            s.tell()
            s.t.until("GET" if state == "TRANSFER" else "DONE")
        s.t.ended(5, 10)


# Paths.

for what, path in rubbish.PATHS.items():
    server_case("HS-09 a file named %s" % what,
                lambda s, p=path: pr.message("CHANGES", [pr.entry(p, NEW)]),
                text="bad record")
    server_case("HS-09 a fault of a file named %s" % what,
                lambda s, p=path: pr.message("CHANGES", [pr.record(
                    path=p, fault=(2, "x"))]), text="bad record")


def offered(name, paths, options=(), allowed=(), codes=(0, 23)):
    """Files that a client should not take; the others still come."""
    @case(name)
    def run(h):
        s = Server(h, dict(SAME, **{p: NEW for p in paths}, ok=NEW), options)
        h.may("ok", NEW)
        for p in allowed:
            h.may(p, NEW)
        s.on["FILE_UPDATE"] = lambda m: s.t.say("REFUSED", [pr.record(
            id=r["id"], fault=(7, "no")) for r in m.records])
        s.run()
        s.t.ends(*codes)
        check(h.get("ok") == NEW, "the other one did not come")


for what, paths in {
    "through a symlink": ["link/x.md"],
    "over a file behind a symlink": ["link/a.md", "link/sub/x.md"],
    "over a symlink": ["leaf.md"],
    "over a symlink to a folder": ["link"],
    "with hidden names": [".bashrc", ".ssh/authorized_keys",
                          "sub/.git/hooks/post-commit"],
    "over hidden and binary ones": [".hidden.md", "data.bin"],
    "below a binary one": ["data.bin/x.md"],
    "below .dsyncignore": [".dsyncignore/x.md", "sub/.dsyncignore/y"],
}.items():
    offered("HS-03 files " + what, paths)
    offered("HS-03 files %s, with --hidden" % what, paths, ["--hidden"],
            [p for p in paths if p.startswith(".") and "hidden.md" not in p]
            + ["sub/.git/hooks/post-commit"])
offered("HS-03 a file, and one below it", ["x", "x/y", "x/y/z"],
        allowed=["x", "x/y", "x/y/z"])
offered("HS-03 a file below a file here", ["a.md/x.md"], codes=(0, 23, 40),
        allowed=["a.md/x.md"])
offered("HS-09 another case of dsync's own name", [".DSYNC/journal.db"])
offered("HS-09 names that a shell or a terminal would mind", NAMES := [
    "-rf", "$(id)", "`id`", "new\nline", "\x1b[2J\x07", "\udcff\udcfe", " ",
    "x" * 255, "\u202egpj.md", "a\\", "%s%n", "\u009b31m", "\x7f", "nul\x01"],
    allowed=NAMES, codes=(0,))


def sketch_case(name, answer, code=12, text=None):
    """answer(s, n) is said to the client's first question, of n buckets."""
    @case(name)
    def run(h):
        h.put("mine.md", b"mine\n")
        h.remember()
        s = Server(h, features=["sketch"])
        s.t.meet(**s.hello)
        m = s.t.expect("CHANGES")
        answer(s, len(m.contents) // 8)
        s.run(meet=False)
        last = s.t.heard[-1]
        check(text is None or text in last.get("text", ""), str(last))
        s.t.ends(code)


def same(s, bits, full=True, more=False):
    s.t.say("CHANGES", [], bits, epoch=s.t.EPOCH, seq=1, full=full, more=more)


for what, give in {
        "no bits": lambda s, n: same(s, b""),
        "a byte too few": lambda s, n: same(s, bytes(n // 8 - 1)),
        "a byte too many": lambda s, n: same(s, bytes(n // 8 + 1)),
        "bits, and it is not all": lambda s, n: same(s, bytes(n // 8), False),
        "bits, and there is more": lambda s, n: same(s, bytes(n // 8),
                                                     more=True)}.items():
    sketch_case("HS-09 a sketch is answered with " + what, give,
                text="CHANGES")
sketch_case("HS-09 bits that are right",
            lambda s, n: (s.files.update({"mine.md": b"mine\n"}),
                          same(s, b"\xff" * (n // 8))), code=0)
sketch_case("HS-09 all is equal, says a server that has nothing",
            lambda s, n: (s.files.clear(), same(s, b"\xff" * (n // 8))),
            code=25)


@case("HS-09 a listing before it was asked for")
def unasked(h):
    s = Server(h, features=["sketch"])
    s.t.meet(**s.hello)
    s.tell()
    s.tell()
    last = s.t.rest()[-1]
    check(last.t == "ERROR", last.t)
    s.t.ends(12)


@case("HS-03 one path twice in a listing")
def twice(h):
    s = Server(h, dict(SAME, **{"x.md": NEW}),
               told=[pr.entry("x.md", OLD), pr.entry("x.md", NEW)])
    h.may("x.md", NEW)
    s.run()
    s.t.ends(0)


@case("HS-03 types that change from look to look")
def types(h):
    s = Server(h, dict(SAME, x=NEW))
    looks = []

    def tell(m):
        looks.append(m)
        s.files.pop("x", None)
        s.files.pop("x/y", None)
        s.files["x/y" if len(looks) % 2 else "x"] = NEW
        s.tell()
    s.on["CHANGES"] = tell
    s.on["GET"] = lambda m: s.t.say("REFUSED", [pr.record(
        id=r["id"], fault=(6, "changed")) for r in m.records])
    s.run()
    s.t.ends(0, 23)
    check(len(looks) < 10, "%d looks" % len(looks))


# Answers.

def answer(name, give, code=12, put=None):
    """give(s, ids) answers a GET of x.md and y.md, and an update of mine."""
    @case(name)
    def run(h):
        h.put("mine.md", b"mine\n")
        h.remember()
        s = Server(h, dict(SAME, **{"x.md": NEW, "y.md": b"y\n"}))
        ids = {}

        def collect(m):
            if m.t == "FILE_UPDATE":
                m.contents = b""
            for r in m.records:
                ids[os.fsdecode(r["path"])] = r["id"]
            if len(ids) == 3:
                give(s, ids)
        s.on["GET"] = s.on["FILE_UPDATE"] = collect
        h.may("x.md", None, NEW)
        h.may("y.md", None, b"y\n")
        s.run()
        if code is None:
            s.t.ended(0, 10, 12, 23)
        else:
            s.t.ends(code)


def ups(s, n, path, form=pr.WHOLE, data=None, **more):
    data = s.files[path] if data is None else data
    s.t.say("FILE_UPDATE", [s.entry(path, id=n, form=form, **more)],
            data if form == pr.WHOLE else b"")


def bits(s, n, data, offset=0, **more):
    s.t.say("FILE_DATA", contents=data, id=n, offset=offset, **more)


for what, n in (("0xffffffff", 2**32 - 1), ("999", 999)):
    answer("HS-05 an answer to question %s" % what,
           lambda s, ids, n=n: ups(s, n, "x.md"))
    answer("HS-05 ACK of %s" % what, lambda s, ids, n=n: s.ack([n]))
    answer("HS-05 REFUSED of %s" % what,
           lambda s, ids, n=n: s.t.say("REFUSED", [pr.record(
               id=n, fault=(7, "no"))]))
answer("HS-05 ACK without an id",
       lambda s, ids: s.t.say("ACK", [pr.record(seq=1)]))
answer("HS-05 contents for what was to be sent",
       lambda s, ids: ups(s, ids["mine.md"], "x.md"))
answer("HS-05 ACK of what was asked for",
       lambda s, ids: s.ack([ids["x.md"]]))
answer("HS-02 ACK twice",
       lambda s, ids: s.ack([ids["mine.md"], ids["mine.md"]]))
answer("HS-02 ACK, then REFUSED",
       lambda s, ids: (s.ack([ids["mine.md"]]), s.t.say("REFUSED", [
           pr.record(id=ids["mine.md"], fault=(6, "no"))])))
answer("HS-02 an update twice",
       lambda s, ids: (ups(s, ids["x.md"], "x.md"),
                       ups(s, ids["x.md"], "x.md")))
answer("HS-02 an update, then REFUSED",
       lambda s, ids: (ups(s, ids["x.md"], "x.md"), s.t.say("REFUSED", [
           pr.record(id=ids["x.md"], fault=(7, "no"))])))
answer("HS-02 REFUSED without a fault",
       lambda s, ids: s.t.say("REFUSED", [pr.record(id=ids["x.md"])]))
answer("HS-02 a part of what was not announced",
       lambda s, ids: bits(s, ids["x.md"], NEW, last=True))
answer("HS-10 more contents than records",
       lambda s, ids: ups(s, ids["x.md"], "x.md", data=NEW + b"!"))
answer("HS-10 fewer contents than records",
       lambda s, ids: ups(s, ids["x.md"], "x.md", data=NEW[:-1]))
answer("HS-10 an update without contents",
       lambda s, ids: ups(s, ids["x.md"], "x.md", form=pr.META))
answer("HS-10 another size than was told",
       lambda s, ids: s.t.say("FILE_UPDATE", [pr.entry(
           "x.md", NEW + b"!", id=ids["x.md"], form=pr.WHOLE)], NEW + b"!"))
answer("HS-10 a size of 2^63 - 1",
       lambda s, ids: ups(s, ids["x.md"], "x.md", size=pr.INT64_MAX))
for what, parts in {
    "a part too long": [(NEW + b"!", 0)],
    "a part too far": [(NEW, 1)],
    "a part at 2^63 - 1": [(b"x", pr.INT64_MAX)],
    "a part twice": [(NEW[:3], 0), (NEW[:3], 0)],
}.items():
    def give(s, ids, parts=parts):
        ups(s, ids["x.md"], "x.md", form=pr.STREAM)
        for data, offset in parts:
            bits(s, ids["x.md"], data, offset)
    answer("HS-10 " + what, give)


def end_twice(s, ids):
    ups(s, ids["x.md"], "x.md", form=pr.STREAM)
    for _ in range(2):
        bits(s, ids["x.md"], NEW, last=True)


answer("HS-02 the last part twice", end_twice)


def refused_stream(s, ids):
    ups(s, ids["x.md"], "x.md", form=pr.STREAM)
    s.t.say("REFUSED", [pr.record(id=ids["x.md"], fault=(7, "no"))])


answer("HS-02 REFUSED while it streams", refused_stream)


def changed(name, how, looks=False):
    """What comes has not the hash that was told: it is never seen."""
    @case("HS-12 " + name)
    def run(h):
        s = Server(h, dict(SAME, **{"x.md": NEW}))
        s.on["GET"] = lambda m: [how(s, r["id"]) for r in m.records]
        s.run()
        s.t.ends(23)
        check(b"x.md" in s.t.process.printed(), "no word about it")


OTHER = NEW[:-2] + b"!\n"
changed("other contents of the same size",
        lambda s, n: ups(s, n, "x.md", data=OTHER))
changed("other contents, streamed",
        lambda s, n: (ups(s, n, "x.md", form=pr.STREAM),
                      bits(s, n, OTHER, last=True)))
changed("a stream that ends early",
        lambda s, n: (ups(s, n, "x.md", form=pr.STREAM),
                      bits(s, n, NEW[:4], last=True)))
changed("a stream that says of itself that it is bad",
        lambda s, n: (ups(s, n, "x.md", form=pr.STREAM),
                      bits(s, n, NEW, last=True, bad=True)))
changed("REFUSED again and again, as if changed",
        lambda s, n: s.t.say("REFUSED", [pr.record(id=n, fault=(
            6, "changed"))]))


@case("HS-12 binary contents that were told as a text")
def binary(h):
    data = b"\0\1\2" * 5
    s = Server(h, dict(SAME, **{"x.md": data, "y.md": b"y" * 70000 + b"\0"}))
    s.run()
    s.t.ends(23)


# Deltas.

TEXT = b"".join(b"line %d of a text that is long enough\n" % n
                for n in range(1000))
EDIT = TEXT[:20000] + b"an edit\n" + TEXT[20100:]
GOOD = pr.delta((0, 20000), b"an edit\n", (20100, len(TEXT) - 20100))
REFUSED = 7


def deltas(name, *how, codes=(12,), now=EDIT, more=(), features=("delta",)):
    """Both had TEXT as doc.md, and the server has another one now: each of how
    answers one question for it, and the last one all that follow."""
    @case(name)
    def run(h):
        files = dict(SAME, **{"doc.md": TEXT})
        h.put("doc.md", TEXT)
        Server(h, files).ends(0)
        h.processes.clear()
        h.remember()
        s = Server(h, dict(files, **{"doc.md": now}, **dict(more)), seq=9,
                   features=list(features))
        asked = []

        def get(m):
            for r in m.records:
                asked.append(r)
                how[min(len(asked), len(how)) - 1](s, r)
        s.on["GET"] = get
        h.may("doc.md", TEXT, now)
        if s.run() is None and codes == (10,):
            s.t.ended(10)
            return
        s.t.ends(*codes)
        check(asked, "it did not ask")
        check(codes != (0,) or h.get("doc.md") == now, "it has not come")


def by_delta(delta, form=pr.DELTA, pieces=1 << 18, path="doc.md", **more):
    def say(s, r):
        fields = dict(id=r["id"], form=form)
        if form == pr.DELTA:
            fields["length"] = len(delta)
        fields.update(more)
        fields = {k: v for k, v in fields.items() if v is not None}
        s.t.say("FILE_UPDATE", [s.entry(path, **fields)],
                delta if form == pr.DELTA else b"")
        for at in range(0, len(delta), pieces) \
                if form == pr.DELTA_STREAM else ():
            piece = delta[at:at + pieces]
            bits(s, r["id"], piece, at, last=at + len(piece) == len(delta))
    return say


def has_base(say):
    def check_first(s, r):
        check(r.get("if") == (pr.sha(TEXT), False), "it names no base: %s" % r)
        say(s, r)
    return check_first


def whole(s, r):
    check("if" not in r, "it asks for a delta again")
    s.give_one(r)


deltas("HS-00 an honest delta", has_base(by_delta(GOOD)), codes=(0,))
for pieces in (1, 7, 1 << 18):
    deltas("HS-00 an honest delta in parts of %d" % pieces,
           has_base(by_delta(GOOD, pr.DELTA_STREAM, pieces)), codes=(0,))
deltas("HS-00 deltas may come whole", has_base(Server.give_one), codes=(0,))
deltas("VR-02 a server that knows no deltas is asked for none", whole,
       codes=(0,), features=())
deltas("VR-02 a delta that nobody agreed on", by_delta(GOOD), features=())
deltas("HS-05 a delta of a file that is not here",
       lambda s, r: by_delta(GOOD)(s, r) if r["path"] == b"doc.md" else
       by_delta(GOOD, path="new.md")(s, r), more={"new.md": EDIT})
for form in (pr.DELTA, pr.DELTA_STREAM):
    how = "streamed" if form == pr.DELTA_STREAM else "inline"
    WRONG = pr.delta((0, len(EDIT)))
    deltas("HS-12 a delta that makes something else, " + how,
           has_base(by_delta(WRONG, form)), whole, codes=(0,))
    deltas("HS-12 the same again and again, " + how,
           has_base(by_delta(WRONG, form)), by_delta(WRONG, form))
    deltas("HS-12 a good one in a round in which none was asked for, " + how,
           has_base(by_delta(WRONG, form)), by_delta(GOOD, form))
    deltas("HS-12 a delta that makes binary contents, " + how,
           has_base(by_delta(pr.delta(b"\0", (0, len(TEXT))), form)),
           codes=(23,), now=b"\0" + TEXT)
    # What FROM and BASE say to a client counts for nothing.
    deltas("HS-03 a delta of a hidden file, " + how,
           has_base(by_delta(pr.delta(EDIT[:-7], (0, 7)), form,
                             from_=".hidden.md", base=pr.sha(b"hidden\n"))),
           whole, codes=(0,), now=EDIT[:-7] + b"hidden\n")
    for what, delta in {
        "a byte too much": GOOD + pr.delta(b"!"),
        "a copy of 2^62 bytes": pr.leb(2**63 - 1) + b"\0",
        "an empty step": pr.leb(0), "a number of 2^64": pr.leb(2**64) + b"x",
    }.items():
        deltas("HS-10 a delta with %s, %s" % (what, how),
               has_base(by_delta(delta, form)))
    for what, delta in {
        "behind": pr.delta((len(TEXT), 1)), "before": pr.leb(3) + pr.leb(1),
    }.items():
        deltas("HS-10 a delta that copies from %s its base, %s" % (what, how),
               has_base(by_delta(delta, form)), whole, codes=(0,))
    deltas("RL a delta of single bytes, " + how,
           has_base(by_delta(b"\3\0" * len(TEXT) + pr.delta(NEW), form)),
           codes=(0,), now=TEXT + NEW)
for what, more in {"without a length": dict(length=None),
                   "longer than the payload": dict(length=len(GOOD) + 1),
                   "shorter than the payload": dict(length=len(GOOD) - 1),
                   "of 4 GiB": dict(length=2**32 - 1),
                   "that makes 2^63 - 1 bytes": dict(size=pr.INT64_MAX),
                   "of no bytes": dict(length=0)}.items():
    deltas("HS-10 a delta " + what, by_delta(GOOD, **more))
deltas("HS-03 a part of a delta with a gap before it",
       lambda s, r: (by_delta(b"", pr.DELTA_STREAM)(s, r),
                     bits(s, r["id"], GOOD, 1, last=True)))
deltas("HS-02 a part of a delta after its last",
       lambda s, r: (by_delta(GOOD, pr.DELTA_STREAM)(s, r),
                     bits(s, r["id"], b"", len(GOOD))))
deltas("HS-02 a delta twice",
       lambda s, r: (by_delta(GOOD)(s, r), by_delta(GOOD)(s, r)))
deltas("HS-12 a delta that ends early",
       has_base(by_delta(GOOD[:-3], pr.DELTA_STREAM)), whole, codes=(0,))
deltas("HS-12 a delta from beyond what is held",
       has_base(by_delta(GOOD, pr.DELTA_STREAM, offset=5)), whole, codes=(0,))
deltas("NW-01 a delta that never ends",
       lambda s, r: (by_delta(b"", pr.DELTA_STREAM)(s, r),
                     bits(s, r["id"], GOOD), s.t.hang_up()), codes=(10,))


# What the server has anew, and the client under another name.

def copied(name, asks=True, told=TEXT, local=None, codes=(0,), **more):
    """Both had doc.md, and .hidden.md is the client's alone; then the server
    tells x.md, with these contents or another record: is it asked for?"""
    @case(name)
    def run(h):
        files = dict(SAME, **{"doc.md": TEXT})
        h.put("doc.md", TEXT)
        Server(h, files).ends(0)
        h.processes.clear()
        h.put(".hidden.md", EDIT)
        if local is not None:
            h.put("doc.md", local, mtime=1650000000 * 10**9)
        h.remember()
        s = Server(h, dict(files, **{"x.md": told}), seq=9,
                   features=["delta"])
        usual, asked = s.entry, []
        s.entry = lambda path, **m: usual(path, **dict(
            m, **(more if path == "x.md" else {})))

        def get(m):
            asked.extend(m.records)
            s.give(m)
        s.on["GET"] = get
        s.on["FILE_UPDATE"] = lambda m: s.t.say("REFUSED", [
            pr.record(id=r["id"], fault=(REFUSED, "no")) for r in m.records])
        h.may("x.md", None, told)
        h.may("doc.md", local or TEXT)
        h.may(".hidden.md", EDIT)
        s.run()
        s.t.ends(*codes)
        check(bool(asked) == asks, "asked for: %s" % asked)
        check(all(r["path"] == b"x.md" for r in asked), str(asked))
        check(codes != (0,) or h.get("x.md") == told, "it has not come")


copied("HS-00 a copy of what both have is not asked for", asks=False)
copied("HS-03 a copy of what is hidden is asked for", told=EDIT)
copied("HS-03 a copy of what was edited here is asked for", local=EDIT,
       codes=(23,))
for what, size in (("1", 1), ("one less", len(TEXT) - 1),
                   ("one more", len(TEXT) + 1), ("0", 0)):
    copied("HS-05 a copy with another size: " + what, size=size,
           codes=(12, 23))


@case("HS-05 contents for a copy that nobody asked for")
def copy_given(h):
    files = dict(SAME, **{"doc.md": TEXT})
    h.put("doc.md", TEXT)
    Server(h, files).ends(0)
    h.processes.clear()
    h.remember()
    s = Server(h, dict(files, **{"x.md": TEXT, "y.md": NEW}), seq=9,
               features=["delta"])
    s.on["GET"] = lambda m: ups(s, 1 - m.records[0]["id"], "x.md")
    h.may("x.md", None, TEXT)
    s.run()
    s.t.ends(12)


@case("FS a file that is saved while its delta is on the way")
def saved(h):
    mine = TEXT[::-1]
    files = dict(SAME, **{"doc.md": TEXT})
    h.put("doc.md", TEXT)
    Server(h, files).ends(0)
    h.processes.clear()
    h.remember()
    s = Server(h, dict(files, **{"doc.md": EDIT}), seq=9, features=["delta"])

    def get(m):
        for r in m.records:
            if "if" not in r:
                s.give_one(r)
                continue
            h.put("doc.md", mine, mtime=1650000000 * 10**9)
            by_delta(GOOD)(s, r)
    s.on["GET"] = get
    h.may("doc.md", mine, EDIT)
    h.before.pop("doc.md")  # who saved it has displaced what was there
    s.run()
    s.t.ends(0)
    if h.get("doc.md") != mine:
        h.check_kept("doc.md", pr.sha(mine).hex())


# Listings.

@case("HS-08 everything is gone, says the server")
def all_gone(h):
    for n in range(30):
        h.put("n%d.md" % n, b"%d\n" % n)
    s = Server(h)
    s.run()
    s.t.ends(0)
    h.processes.clear()
    h.remember()
    for how in ("full", "told"):
        s = Server(h, {}, seq=99)
        s.t.meet()
        gone = [pr.record(path=p, kind=pr.ABSENT) for p in sorted(
            list(SAME) + ["n%d.md" % n for n in range(30)])]
        s.t.tell(*(gone if how == "told" else []), full=how == "full", seq=99)
        s.t.ends(25)


@case("HS-08 a deletion of what was never agreed on")
def not_agreed(h):
    agreed(h)
    h.put("mine.md", b"mine\n")
    h.remember()
    s = Server(h, seq=9)
    s.told = [pr.record(path="mine.md", kind=pr.ABSENT),
              pr.record(path=".hidden.md", kind=pr.ABSENT),
              pr.record(path="link/a.md", kind=pr.ABSENT),
              pr.record(path="data.bin", kind=pr.ABSENT)]
    s.run()
    s.t.ends(0)
    check("mine.md" in s.files, "not sent")


@case("HS-16 a server that went back in time")
def rollback(h):
    agreed(h)
    h.put("a.md", b"mine, newer\n", mtime=1700000000 * 10**9)
    h.remember()
    s = Server(h, SAME, seq=0)
    s.ends(0)
    check(s.files["a.md"] == b"mine, newer\n", "the newer one did not win")


@case("HS-17 another folder than last time")
def other_root(h):
    agreed(h)
    s = Server(h, {}, root="ff" * 16)
    s.run()
    s.t.ends(25)


@case("HS-08 everything is let go, says the server")
def let_go(h):
    agreed(h)
    s = Server(h, SAME, seq=5)
    s.t.meet()
    s.t.tell(*[pr.record(path=p, kind=pr.EXCLUDED | pr.COVER)
               for p in ("a.md", "run.sh", "sub")], seq=5)
    s.run(meet=False)
    s.t.ends(0, 23)


@case("HS-08 nothing can be read, says the server")
def unread(h):
    agreed(h)
    s = Server(h, {}, seq=5)
    s.files, s.told = {}, [pr.record(path=p, kind=pr.UNREAD | pr.COVER)
                           for p in ("a.md", "run.sh", "sub")]
    s.run()
    s.t.ends(0, 23)


@case("HS-07 times and sizes from one end to the other")
def times(h):
    values = [pr.INT64_MIN, -1, 0, 2**31 * 10**9, 2**34 * 10**9, pr.INT64_MAX]
    s = Server(h)
    for n, v in enumerate(values):
        s.files["t%d.md" % n] = NEW
        h.may("t%d.md" % n, NEW)
    real = s.entry

    def entry(path, **more):
        if path[0] == "t":
            more["mtime"] = values[int(path[1])]
            return pr.entry(path, NEW, **more)
        return real(path, **more)
    s.entry = entry
    s.run()
    s.t.ends(0)
    for command in (["status"], ["versions"], ["log", "--json"]):
        h.honest(*command, h.root)


@case("HS-07 conflicts at the ends of time")
def conflict_times(h):
    values = [pr.INT64_MIN, 0, 2**34 * 10**9, pr.INT64_MAX]
    for n in range(4):
        h.put("t%d.md" % n, OLD, mtime=TIME)
    h.remember()
    s = Server(h)
    real = s.entry

    def entry(path, **more):
        if path[0] == "t":
            more["mtime"] = values[int(path[1])]
            return pr.entry(path, NEW, **more)
        return real(path, **more)
    for n in range(4):
        s.files["t%d.md" % n] = NEW
        h.may("t%d.md" % n, NEW)
    s.entry = entry
    s.run()
    s.t.ends(0)


@case("HS-13 a file of 2^63 - 1 bytes")
def huge(h):
    s = Server(h, told=[pr.entry("huge%d.md" % n, b"", size=pr.INT64_MAX,
                                 hash=NUL32) for n in range(3)])

    def give(m):
        for r in m.records:
            check(not r["path"].startswith(b"huge"),
                  "it asks for more than it may take")
    s.on["GET"] = give
    s.run()
    s.t.ends(0, 23)


@case("HS-13 endless CHANGES of nothing")
def empty_changes(h):
    s = Server(h)
    s.t.meet()
    more = pr.message("CHANGES", more=True) * 1000
    for _ in range(200):
        if not s.t.send(more):
            break
    else:
        raise Fail("200,000 empty messages, and it waits for more")
    s.t.ends(12)


@case("HS-13 endless faults")
def faults(h):
    s = Server(h)
    s.t.meet()
    rec = [pr.record(path="x%d.md" % n, fault=(2, "no")) for n in range(5000)]
    more = pr.message("CHANGES", rec, more=True)
    for _ in range(300):
        if not s.t.send(more):
            break
    s.t.ended(10, 12)
    check(len(printed(s.t)) < 1 << 20, "%d MiB of the same words" %
          (len(printed(s.t)) >> 20))


@case("HS-13 endless beginnings that are held")
def held(h):
    s = Server(h)
    s.t.meet()
    more = pr.message("CHANGES", [pr.record(hash=NUL32, offset=5)] * 5000,
                      more=True)
    for _ in range(100):
        if not s.t.send(more):
            break
    else:
        raise Fail("500,000, and it waits for more")
    s.t.ended(10, 12)


@case("HS-13 a path of 256 names, and 10,000 more below it")
def deep(h):
    base = "/".join(["d"] * 255)
    s = Server(h, dict(SAME, **{base + "/%d.md" % n: b"" for n in range(500)}))
    for p in s.files:
        if p not in SAME:
            h.may(p, b"", None)
    s.run()
    s.t.ends(0, 23)


@case("HS-14 100,000 PONGs that nobody asked for")
def pongs(h):
    s = Server(h)
    s.t.meet()
    s.t.send(pr.message("PONG", token=1) * 100000)
    s.tell()
    s.run(meet=False)
    s.t.ends(0, 12)


# The proof.

@case("HS-12 the fingerprints never agree")
def never_equal(h):
    s = Server(h)
    count = []

    def done(m):
        count.append(m)
        s.t.say("DONE", epoch=s.t.EPOCH, seq=s.seq, equal=False)
    s.on["DONE"] = done
    s.run()
    s.t.ends(23)
    check(len(count) < 10, "%d times" % len(count))
    check("in sync" not in printed(s.t).replace("not in sync", ""),
          printed(s.t))


def proving(h, change):
    """One file to send; the PONG behind it says what DONE would, changed."""
    agreed(h)
    h.put("mine.md", b"mine\n")
    h.remember()
    s = Server(h, seq=1)
    s.asked["DONE"] = 0

    def pong(m):
        proof = {}
        if m.get("proof"):
            proof = dict(epoch=s.t.EPOCH, seq=s.seq, files=len(s.files),
                         fp=pr.fingerprint({p: (d, p in s.exec)
                                            for p, d in s.files.items()}))
            proof.update(change)
        s.t.say("PONG", token=m["token"], **proof)

    def done(m):
        s.asked["DONE"] += 1
        s.done(m)
    s.on["PING"], s.on["DONE"] = pong, done
    s.ends(0)
    check("mine.md" in s.files, "not sent")
    return s.asked["DONE"]


@case("HS-12 the last answer is the proof")
def proved_last(h):
    check(proving(h, {}) == 0, "DONE, though all was proved")


@case("HS-12 a last answer that proves something else")
def proves_another(h):
    check(proving(h, {"fp": "00" * 32}) == 1, "no DONE, and no proof")


@case("HS-12 a last answer with a proof of nowhere")
def proves_nowhere(h):
    check(proving(h, {"epoch": ""}) == 1, "no DONE, and no cursor")


@case("HS-12 equal, says the server, and its fingerprint is another")
def false_equal(h):
    s = Server(h)
    s.on["DONE"] = lambda m: s.t.say("DONE", epoch=s.t.EPOCH, seq=s.seq,
                                     fp="12" * 32, files=3, equal=True)
    s.run()
    s.t.ends(23)
    check("in sync" not in printed(s.t).replace("not in sync", ""),
          printed(s.t))


# Ignore rules.

def rules(name, text, path=".dsyncignore", codes=(0, 23)):
    @case("HS-13 an ignore file " + name)
    def run(h):
        for n in range(300):
            h.put("%s%d.txt" % ("a" * 200, n), b"x\n")
        h.remember()
        s = Server(h, dict(SAME, **{path: text}))
        h.may(path, text)
        s.run()
        s.t.ends(*codes)


rules("of * and ** alone", b"*a*a*a*a*a*a*a*a*a*a*b\n**/*/**/*/**/x*y*z\n" *
      200)
rules("of 10,001 rules", b"x\n" * 10001)
rules("of 300 KiB", b"#" + b"x" * 300000 + b"\n")
rules("that ignores all", b"*\n")
rules("that is full of brackets", b"[[[[[[\n[!]\n[a-\n[z-a]\n\\\n!\n/\n//\n" +
      b"[" * 5000 + b"\n")
rules("in a folder that a symlink leads out of", b"*\n", "link/.dsyncignore")


# Symlinks in dsync's own folder.

def planted(name, path, target):
    @case("SY-16 %s is a symlink" % name)
    def run(h):
        os.makedirs(os.path.join(h.root, ".dsync"), exist_ok=True)
        full = os.path.join(h.root, path)
        if os.path.isdir(full):
            os.rmdir(full)
        os.symlink(target, full)
        h.remember()
        h.stage_kept = True
        h.may("x.md", NEW, None)
        p = Process(h, ["sync", h.root, os.path.join(h.base, "log", "copy")])
        q = Process(h, ["sync", os.path.join(h.outside, "..", "log", "copy"),
                        h.root]) if p.wait() == 0 else p
        h.processes += [p, q]
        q.wait()
        h.check_journal = lambda: None


planted("the private folder", ".dsync", "../outside")
planted("the stage", ".dsync/stage", "../../outside")
planted("the identity", ".dsync/id", "../../outside/a.md")
planted("the lock", ".dsync/lock", "../../outside/a.md")
planted("the versions", ".dsync/versions", "../../outside")
planted("the journal", ".dsync/journal.db", "../../outside/a.md")


# Compression.

def zstd_case(name, *pieces, code=12):
    @case("HS-11 " + name)
    def run(h):
        s = Server(h, options=["-z"])
        check("zstd" in s.t.expect("HELLO")["features"], "no zstd")
        s.t.say("HELLO", root=s.t.ROOT, access="full", features=["zstd"])
        s.t.reader.next = lambda: None  # what it says is compressed now
        for p in pieces:
            if not s.t.send(p):
                break
        s.t.ends(code)


START = pr.zstd_start()
zstd_case("1 GiB of zeros", START, pr.zstd_run(b"\0", 1 << 30))
zstd_case("a window of 16 MiB", pr.zstd_start(24), pr.zstd_raw(b"x"))
zstd_case("a window of 2 TiB", pr.zstd_start(41), pr.zstd_raw(b"x"))
zstd_case("garbage", b"no zstd at all, but words")
zstd_case("plain frames", pr.message("CHANGES"))
zstd_case("an end, and words", START, pr.zstd_block(
    0, 0, b"", last=True), pr.message("CHANGES"))
zstd_case("an end, and another frame, honestly", START, pr.zstd_block(
    0, 0, b"", last=True), START, pr.zstd_raw(pr.message(
        "ERROR", code=7, text="no")), code=43)
zstd_case("ERROR, honestly", START, pr.zstd_raw(pr.message(
    "ERROR", code=7, text="no")), code=43)


# Silence.

@case("RL-01 silence, and --timeout=1")
def timeout(h):
    for state in range(3):
        t = h.client("--timeout", "1", "--contimeout", "1")
        t.expect("HELLO")
        if state > 0:
            t.say("HELLO", root=t.ROOT, access="full")
        if state > 1:
            t.tell(pr.entry("x.md", NEW))
            t.until("GET")
        check(t.process.wait() in (30, 35), "state %d: exit %s" % (
            state, t.process.code))
        t.hang_up()


@case("RL-01 silence after HELLO")
def silence(h):
    t = h.client()
    t.meet()
    check(t.process.wait() is not None, "it waits for ever")


silence.slow = True


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
