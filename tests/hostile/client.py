# SPDX-License-Identifier: MIT
"""A hostile client against `dsync peer`.

The names of the cases: HC and HS are lessons from attacks on other programs
that sync (forged ids, paths, lengths), NW is about the connection, RL about
resources, SY about symlinks, FS about names.
"""

import contextlib
import random
import shutil

from house import *
import protocol as pr
import rubbish

OLD, NEW = b"alpha\n", b"a new text\n"
NUL32 = bytes(32)


def peer_case(name, send, code=12, text=None, meet=True, **hello):
    """send(t) is one thing to say, and the end."""
    @case(name)
    def run(h):
        t = h.peer()
        if meet:
            t.meet(**hello)
        data = send(t)
        if isinstance(data, bytes):
            t.send(data)
        if code == 12:
            t.refuses(text)
        else:
            t.ends(code)


# All goes well: what is refused below is refused for what is wrong with it.

@case("HC-00 an honest client in Python")
def honest(h):
    t = h.peer()
    files = t.meet()
    check(set(files) == {b"a.md", b"sub/b.md", b"run.sh"}, str(files))
    check(files[b"run.sh"]["kind"] == pr.TEXT | pr.EXEC, "no exec bit")
    big = b"line of text\n" * 60000
    got = t.op("FILE_UPDATE", pr.update(1, "a.md", NEW, OLD),
               pr.update(2, "new/x.md", b"x\n"), contents=NEW + b"x\n")
    check(got == {1: "ACK", 2: "ACK"}, str(got))
    t.say("FILE_UPDATE", [pr.update(3, "big.md", big, form=pr.STREAM)])
    for at in range(0, len(big), 1 << 18):
        piece = big[at:at + (1 << 18)]
        t.say("FILE_DATA", contents=piece, id=3, offset=at,
              last=at + len(piece) == len(big))
    check(t.answers() == {3: "ACK"}, "a stream")
    got = t.op("FILE_MOVE", pr.entry("moved.md", b"beta\n", id=4, if_=pr.sha(
        b"beta\n"), from_="sub/b.md"))
    check(got == {4: "ACK"}, str(got))
    got = t.op("FILE_DELETE", pr.record(id=5, path="run.sh", if_=(pr.sha(
        b"echo\n"), True)))
    check(got == {5: "ACK"}, str(got))
    t.say("GET", [pr.entry("big.md", big, id=6)])
    m = t.expect("FILE_UPDATE")
    check(m.records[0]["form"] == pr.STREAM, "not streamed")
    data, last = b"", False
    while not last:
        m = t.expect("FILE_DATA")
        check(m["offset"] == len(data) and m["id"] == 6, "another part")
        data, last = data + m.contents, m["last"]
    check(data == big, "other contents")
    tree = {"a.md": (NEW, False), "new/x.md": (b"x\n", False),
            "big.md": (big, False), "moved.md": (b"beta\n", False)}
    t.say("DONE", fp=pr.fingerprint(tree), files=len(tree))
    m = t.expect("DONE")
    check(m["equal"] and m["files"] == 4, "the fingerprints differ")
    for path, data in (("a.md", NEW), ("new/x.md", b"x\n"), ("big.md", big),
                       ("moved.md", b"beta\n"), ("sub/b.md", None),
                       ("run.sh", None)):
        h.may(path, data)
    t.bye()
    h.honest("sync", h.root, os.path.join(h.base, "log", "copy"))


@case("HC-00 who was proved by the last answer was here, and so far")
def proved_last(h):
    t = h.peer()
    t.meet(root="ab" * 16)
    check(t.op("FILE_UPDATE", pr.update(1, "a.md", NEW, OLD),
               contents=NEW) == {1: "ACK"}, "refused")
    t.say("DONE", fp="00" * 32, files=1)
    check(not t.expect("DONE")["equal"], "equal to nothing")
    # As somebody who was late, and asks again.
    t.say("CHANGES", **t.cursor)
    t.listing()
    t.say("FILE_UPDATE", [pr.update(2, "b.md", NEW)], NEW)
    t.say("PING", token=1, proof=True)
    t.expect("ACK")
    m = t.expect("PONG")
    tree = {"a.md": (NEW, False), "sub/b.md": (b"beta\n", False),
            "run.sh": (b"echo\n", True), "b.md": (NEW, False)}
    check(m["fp"] == pr.fingerprint(tree) and m["files"] == 4, "no proof")
    check(m["seq"] == t.cursor["seq"] + 1, "another cursor")
    for path in "a.md", "b.md":
        h.may(path, NEW)
    t.bye()
    with contextlib.closing(h.journal()) as db:
        seen = db.execute("SELECT seq FROM client").fetchall()
    check(seen == [(m["seq"],)], "%s is written down" % seen)


# Lengths.

for what, length in rubbish.LENGTHS.items():
    for meet in (False, True):
        peer_case("HC-01 a header of %s bytes%s" %
                  (what, " after HELLO" if meet else ""),
                  lambda t, n=length: pr.frame(b"{}", length=n), meet=meet,
                  text="bad frame")


@case("HC-09 a header of exactly 256 KiB")
def exact_header(h):
    t = h.peer()
    t.meet()
    ping = b'{"t":"PING","token":5}'
    t.send(pr.frame(b" " * (262144 - len(ping)) + ping))
    check(t.expect("PONG")["token"] == 5, "another token")
    t.bye()


@case("HC-09 a payload of exactly 1 MiB")
def exact_payload(h):
    t = h.peer()
    t.meet()
    rec = pr.update(1, "x.md", b"", size=2 << 20, hash=pr.sha(b"y" * (2 << 20)),
                    form=pr.STREAM)
    t.say("FILE_UPDATE", [rec])
    for at in (0, 1 << 20):
        t.say("FILE_DATA", contents=b"y" * (1 << 20), id=1, offset=at,
              last=at > 0)
    check(t.answers() == {1: "ACK"}, "refused")
    h.may("x.md", b"y" * (2 << 20))
    t.bye()


for what, text in rubbish.MESSAGES.items():
    peer_case("HC-10 " + what, lambda t, x=text: pr.frame(x),
              text="bad message")


@case("VR-02 members that nobody knows")
def unknown_members(h):
    t = h.peer()
    t.meet(future=[1, {"a": 2}], resume=True)
    t.say("PING", token=1, urgent=True)
    t.expect("PONG")
    t.bye()


@case("HC-01 data that is announced and does not come")
def short_payload(h):
    t = h.peer()
    t.meet()
    t.send(pr.message("GET", [pr.entry("a.md", OLD, id=1)])[:-1])
    t.ended(0)


# HELLO.

def bad_hellos():
    for name, members in {
        "no clock": dict(clock=None),
        "a clock of 2^63": dict(clock=2**63),
        "a granularity of -1": dict(granularity=-1),
        "33 features": dict(features=["x"] * 33),
        "a feature of 32 letters": dict(features=["x" * 32]),
        "a feature with a newline": dict(features=["zstd\n"]),
        "an empty feature": dict(features=[""]),
        "a number as a feature": dict(features=[1]),
        "a name of 256 bytes": dict(name="x" * 256),
        "a name with a newline": dict(name="mallory\nroot"),
        "a name with ESC": dict(name="\x1b[2J"),
        "a name with C1": dict(name="\x9b2J"),
        "a preset of 256 bytes": dict(preset="x" * 256),
        "a preset with ESC": dict(preset="\x1b[2J"),
        "an unknown access": dict(access="root"),
        "an epoch of 40 digits": dict(epoch="0" * 40),
        "an epoch with a quote": dict(epoch="'"),
        "a seq of -1": dict(seq=-1),
    }.items():
        peer_case("HC-06 HELLO with " + name,
                  lambda t, m=members: t.hello_bytes(**m), meet=False)


bad_hellos()
peer_case("VR-02 HELLO that requires what nobody knows",
          lambda t: t.hello_bytes(require=["teleport"]), code=2, meet=False)
peer_case("HC-12 HELLO names a preset that is not there",
          lambda t: t.hello_bytes(preset="../../etc"), code=43, meet=False)


def presets(h, text):
    config = os.path.join(h.base, "log", "dsync")
    os.makedirs(config)
    with open(os.path.join(config, "presets.conf"), "w") as f:
        f.write(text)
    return dict(XDG_CONFIG_HOME=os.path.dirname(config))


@case("HC-17 presets that are not there, and one that is")
def other_presets(h):
    env = presets(h, "[preset notes]\npath = %s\naccess = read\n" % h.root)
    for name in ("", "note", "notes2", "notes/", "../notes", "Notes", "%n",
                 "notes\u202e", "'", "*", "/etc", h.root, "x" * 255):
        t = h.peer("--access", "full", env=env)
        t.send(t.hello_bytes(preset=name))
        m = t.expect("ERROR")
        check(m["code"] == 7, m["text"])
        check(h.root not in m["text"] or name == h.root, m["text"])
        t.ends(43)
    t = h.peer("--access", "full", env=env)
    t.meet(preset="notes")
    check(t.their_hello["access"] == "read", "access")
    t.bye()


@case("HC-14 a preset that may only be read")
def read_only(h):
    env = presets(h, "[preset notes]\npath = %s\naccess = read\n" % h.root)
    t = h.peer("--access", "full", env=env)
    t.meet(preset="notes", hidden=True, max_size=pr.INT64_MAX)
    got = t.op("FILE_UPDATE", pr.update(1, "x.md", NEW),
               pr.update(2, "a.md", NEW, OLD),
               pr.update(3, "a.md", OLD, OLD, form=pr.META,
                         kind=pr.TEXT | pr.EXEC), contents=NEW * 2)
    got.update(t.op("FILE_DELETE", pr.record(id=4, path="a.md", if_=pr.sha(
        OLD))))
    got.update(t.op("FILE_MOVE", pr.entry("y.md", OLD, id=5, from_="a.md",
                                          if_=pr.sha(OLD))))
    t.say("FILE_UPDATE", [pr.update(6, "z.md", NEW, form=pr.STREAM)])
    t.say("FILE_DATA", contents=NEW, id=6, last=True)
    got.update(t.answers())
    check(got == {n: 7 for n in range(1, 7)}, str(got))
    t.bye()


@case("HC-13 a preset in which files may be changed")
def edit_only(h):
    env = presets(h, "[preset notes]\npath = %s\naccess = edit\n" % h.root)
    t = h.peer(env=env)
    t.meet(preset="notes")
    got = t.op("FILE_UPDATE", pr.update(1, "x.md", NEW),
               pr.update(2, "a.md", NEW, OLD), contents=NEW * 2)
    got.update(t.op("FILE_DELETE", pr.record(id=4, path="a.md", if_=pr.sha(
        NEW))))
    got.update(t.op("FILE_MOVE", pr.entry("y.md", NEW, id=5, from_="a.md",
                                          if_=pr.sha(NEW))))
    check(got == {1: 7, 2: "ACK", 4: 7, 5: 7}, str(got))
    h.may("a.md", NEW)
    t.bye()


@case("HC-16 a quota")
def quota(h):
    env = presets(h, "[preset notes]\npath = %s\naccess = full\n"
                  "quota = 10k\nmax-file-size = 9k\n" % h.root)
    t = h.peer(env=env)
    t.meet(preset="notes", max_size=pr.INT64_MAX)
    big = b"y" * 6000
    got = t.op("FILE_UPDATE", *[pr.update(n, "q%d.md" % n, big)
                                for n in range(3)], contents=big * 3)
    check(got[0] == "ACK" and got[1] == got[2] == 3, str(got))
    h.may("q0.md", big)
    got = t.op("FILE_UPDATE", pr.update(1, "l.md", b"y" * 9300),
               contents=b"y" * 9300)
    check(got == {1: 7}, str(got))
    t.say("CHANGES")
    t.listing()
    # What is told of a size is not what counts.
    got = t.op("FILE_UPDATE", pr.update(1, "q0.md", big, big, form=pr.META,
                                        size=0, kind=pr.TEXT | pr.EXEC))
    got = t.op("FILE_UPDATE", pr.update(2, "q2.md", big), contents=big)
    check(got == {2: 3}, str(got))
    t.bye()


@case("HC-06 a name cut inside a character")
def cut_name(h):
    t = h.peer()
    t.meet(name="\u00e9" * 127)
    h.may("x.md", NEW)
    t.op("FILE_UPDATE", pr.update(1, "x.md", NEW), contents=NEW)
    t.bye()
    for line in h.honest("log", "--json", h.root).splitlines():
        import json
        json.loads(line)
    h.honest("log", h.root)


@case("HC-11 numbers of the other side that are limits here")
def their_limits(h):
    for size in (1, pr.INT64_MAX):
        t = h.peer()
        t.meet(max_size=size, clock=pr.INT64_MAX, granularity=pr.INT64_MAX,
               seq=pr.INT64_MAX, epoch="f" * 39)
        t.bye()


# Sketches.

for what, data in {
        "one byte": b"x", "7 buckets and a half": bytes(60),
        "8 buckets": bytes(64), "24 buckets": bytes(192),
        "16384 buckets": bytes(131072)}.items():
    peer_case("HC-11 a sketch of " + what,
              lambda t, d=data: pr.message("CHANGES", [], d),
              text="bad sketch")
peer_case("HC-11 a sketch behind records",
          lambda t: pr.message("CHANGES", [pr.entry("a.md", OLD)], bytes(128)),
          text="bad sketch")


def draw(h, of):
    """What a peer tells to a sketch, and the bits behind."""
    t = h.peer()
    t.send(t.hello_bytes(features=["sketch"]))
    t.expect("HELLO")
    t.say("CHANGES", [], of)
    m = t.expect("CHANGES")
    check(m["full"] and not m["more"], "not all of it")
    t.bye()
    return {r["path"] for r in m.records}, m.contents


@case("HC-13 sketches, honest and not")
def sketches(h):
    files = {p: (d, p == "run.sh") for p, d in h.FILES.items()}
    every = set(map(pr.raw_path, files))
    for n in (16, 64, 8192):
        told, bits = draw(h, pr.sketch(files, n))
        check(not told and bits == b"\xff" * (n // 8), "%d told" % len(told))
    told, bits = draw(h, pr.sketch({}, 16))
    check(told == every, "not all was told: %s" % told)
    at = pr.bucket("a.md", 16)
    check(bits[at // 8] & 0x80 >> at % 8 == 0, "a bucket passes for equal")
    told, bits = draw(h, random.Random(1).randbytes(128))
    check(told == every and bits == bytes(2), "chance passes for equal")
    told, bits = draw(h, b"")
    check(told == every and bits == b"", "bits without a sketch")


# Messages in no order.

for kind in ("CHANGES", "FILE_UPDATE", "FILE_DATA", "FILE_DELETE",
             "FILE_MOVE", "GET", "ACK", "REFUSED", "DONE", "PING", "PONG"):
    peer_case("HC-12 %s before HELLO" % kind,
              lambda t, k=kind: pr.message(k), meet=False,
              text="out of place")
for kind in ("ACK", "REFUSED"):
    peer_case("HC-12 %s from a client" % kind,
              lambda t, k=kind: pr.message(k, [pr.record(id=1, seq=1)]),
              text="out of place")
peer_case("HC-12 a second HELLO", lambda t: t.hello_bytes(), text="out of place")
peer_case("NW-01 BYE at once", lambda t: pr.message("BYE"), code=0,
          meet=False)
peer_case("NW-01 ERROR at once",
          lambda t: pr.message("ERROR", code=14, text="bye"), code=10,
          meet=False)
for kind in ("FILE_UPDATE", "FILE_DELETE", "FILE_MOVE", "FILE_DATA"):
    peer_case("HC-14 %s in a dry run" % kind,
              lambda t, k=kind: pr.message(k, [pr.record(id=1)]),
              text="dry run", dry_run=True)


@case("HC-14 a dry run writes nothing")
def dry_run(h):
    t = h.peer()
    t.meet(dry_run=True)
    t.say("GET", [pr.entry("a.md", OLD, id=1)])
    check(t.expect("FILE_UPDATE").contents == OLD, "other contents")
    t.say("CHANGES")
    t.listing()
    t.bye()
    check(not os.path.exists(os.path.join(h.root, ".dsync")), "a journal")


@case("HC-12 everything at once, in no order")
def everything(h):
    for seed in range(30):
        dice = random.Random(seed)
        t = h.peer()
        t.meet()
        for _ in range(dice.randrange(1, 20)):
            kind = dice.choice(list(pr.MEMBERS))
            fields = dict(id=dice.choice([0, 1, 2**32 - 1]),
                          path=dice.choice(["a.md", "zz/y.md", "link/x"]),
                          kind=dice.randrange(4), hash=NUL32,
                          size=dice.choice([0, 5]), mtime=0, form=2,
                          if_=dice.choice([None, NUL32]), why=3)
            for field in dice.sample(sorted(fields), dice.randrange(4)):
                del fields[field]
            t.say(kind, [pr.record(**fields)] * dice.randrange(3))
        t.hang_up()
        check(t.process.wait() in (0, 2, 10, 12), "exit %s" % t.process.code)


# Records.

for what, rec in rubbish.RECORDS.items():
    peer_case("HC-04 a record with " + what,
              lambda t, r=rec: pr.message("GET", [r]), text="bad record")
for kind in ("GET", "FILE_UPDATE", "FILE_DELETE", "FILE_MOVE"):
    peer_case("HC-04 %s with no field at all" % kind,
              lambda t, k=kind: pr.message(k, [pr.record()]), text="lacks")
for what, path in rubbish.PATHS.items():
    for kind in ("GET", "FILE_UPDATE", "FILE_DELETE"):
        peer_case("HC-02 %s of %s" % (kind, what),
                  lambda t, k=kind, p=path: pr.message(k, [pr.update(
                      1, p, b"")]), text="bad record")
    peer_case("HC-02 FILE_MOVE from %s" % what,
              lambda t, p=path: pr.message("FILE_MOVE", [pr.entry(
                  "ok.md", OLD, id=1, from_=p, if_=pr.sha(OLD))]),
              text="bad record")


def refused(name, build, *allowed, setup=None):
    """One record that is refused, while its neighbour is carried out."""
    @case(name)
    def run(h):
        if setup:
            setup(h)
            h.remember()
        t = h.peer()
        t.meet()
        kind, records, contents = build(h)
        t.say(kind, records, contents)
        t.say("FILE_UPDATE", [pr.update(99, "next.md", NEW)], NEW)
        got = t.answers()
        check(got.pop(99) == "ACK", "the next one was refused")
        check(sorted(got) == [1] and got[1] != "ACK", str(got))
        h.may("next.md", NEW)
        t.bye()


def one(path, data=NEW, **more):
    return lambda h: ("FILE_UPDATE", [pr.update(1, path, data, **more)],
                      data)


for what, path in {
    "a hidden name": ".bashrc", "below a hidden name": ".git/hooks/x",
    "through a symlink to a folder": "link/x.md",
    "over a symlink to a file": "leaf.md",
    "through a symlink, over a file": "link/secret.md",
    "below a file": "a.md/x.md", "over a folder": "sub",
    "below .dsyncignore": ".dsyncignore/x.md",
    "over a binary file": "data.bin", "over a hidden file": ".hidden.md",
}.items():
    refused("HC-02 a file put %s" % what, one(path))
    refused("HC-02 a file put %s, with if" % what,
            one(path, old=b"secret\n"))
for what, path, old in (
        ("through a symlink", "link/secret.md", b"secret\n"),
        ("that is a symlink", "leaf.md", b"secret\n"),
        ("that is hidden", ".hidden.md", b"hidden\n"),
        ("that is binary", "data.bin", b"\0\1binary"),
        ("that is not there", "no.md", b"secret\n")):
    refused("HC-02 a deletion of a file " + what,
            lambda h, p=path, o=old: ("FILE_DELETE", [pr.record(
                id=1, path=p, if_=pr.sha(o))], b""))
    refused("HC-02 a move of a file " + what,
            lambda h, p=path, o=old: ("FILE_MOVE", [pr.entry(
                "moved.md", o, id=1, from_=p, if_=pr.sha(o))], b""))
    refused("HC-02 the exec bit of a file " + what,
            lambda h, p=path, o=old: ("FILE_UPDATE", [pr.update(
                1, p, o, o, form=pr.META, kind=pr.TEXT | pr.EXEC)], b""))
for what, path in (("to a symlink", "leaf.md"), ("through one", "link/n.md"),
                   ("over a file", "sub/b.md"), ("to itself", "a.md"),
                   ("below itself", "a.md/x"), ("to a hidden name", ".x"),
                   ("over a folder", "sub")):
    refused("HC-02 a move " + what, lambda h, p=path: ("FILE_MOVE", [pr.entry(
        p, OLD, id=1, from_="a.md", if_=pr.sha(OLD))], b""))
refused("HC-02 a file that an ignore rule names", one("x.log"),
        setup=lambda h: h.put(".dsyncignore", b"*.log\n"))
refused("HC-03 a file where there is one", one("a.md"))
refused("HC-03 a file instead of another one", one("a.md", old=b"other\n"))
refused("HC-03 a deletion of another one", lambda h: ("FILE_DELETE", [
    pr.record(id=1, path="a.md", if_=pr.sha(b"other\n"))], b""))
refused("HC-01 contents with another hash", one("x.md", hash=pr.sha(OLD)))
refused("HC-01 contents that are binary", one("x.md", b"\0\0\0"))
refused("HC-01 contents that turn binary behind 64 KiB",
        one("x.md", b"x" * 70000 + b"\0"))
refused("HC-01 a size of 2^63 - 1", lambda h: ("FILE_UPDATE", [pr.update(
    1, "x.md", b"", size=pr.INT64_MAX, form=pr.META, if_=pr.sha(b""))], b""))
refused("HC-01 an empty file with the hash of another",
        one("x.md", b"", hash=NUL32))

for what, rec, contents in (
        ("contents that do not come", pr.update(1, "x.md", NEW), b""),
        ("a size of 2^63 - 1", pr.update(1, "x.md", NEW, size=pr.INT64_MAX),
         NEW),
        ("more contents than records", pr.update(1, "x.md", NEW), NEW + b"!"),
        ("contents behind a stream", pr.update(1, "x.md", NEW,
                                               form=pr.STREAM), NEW),
        ("META without a version", pr.update(1, "a.md", OLD, form=pr.META),
         b""),
        ("META of another version", pr.update(1, "a.md", NEW, OLD,
                                              form=pr.META), b"")):
    peer_case("HC-01 FILE_UPDATE with " + what,
              lambda t, r=rec, c=contents: pr.message("FILE_UPDATE", [r], c))
peer_case("HC-03 a move of another version",
          lambda t: pr.message("FILE_MOVE", [pr.entry(
              "x.md", NEW, id=1, from_="a.md", if_=pr.sha(OLD))]))
peer_case("HC-03 a deletion of nothing",
          lambda t: pr.message("FILE_DELETE", [pr.record(id=1, path="a.md",
                                                         if_=None)]))

# A file that claims to be none: its hash would be written down as zeros.
for kind in (pr.ABSENT, pr.UNREAD, pr.EXCLUDED):
    peer_case("HC-01 FILE_MOVE of kind %d" % kind,
              lambda t, k=kind: pr.message("FILE_MOVE", [pr.entry(
                  "x.md", OLD, id=1, kind=k, from_="a.md",
                  if_=pr.sha(OLD))]))
    peer_case("HC-01 META of kind %d" % kind,
              lambda t, k=kind: pr.message("FILE_UPDATE", [pr.update(
                  1, "a.md", OLD, OLD, kind=k, form=pr.META)]))
    peer_case("HC-01 FILE_UPDATE of kind %d" % kind,
              lambda t, k=kind: pr.message("FILE_UPDATE", [pr.update(
                  1, "a.md", NEW, OLD, kind=k)], NEW))
    peer_case("HC-01 GET of kind %d" % kind,
              lambda t, k=kind: pr.message("GET", [pr.entry(
                  "a.md", OLD, id=1, kind=k)]))


def asked(name, rec):
    """A GET that is answered by REFUSED, and no byte of a file."""
    @case(name)
    def run(h):
        t = h.peer()
        t.meet()
        t.say("GET", [rec])
        check(t.expect("REFUSED").records[0]["id"] == 1, "another id")
        check(t.answers() == {}, "another answer")
        t.bye()


for what, path, data in (
        ("through a symlink", "link/secret.md", b"secret\n"),
        ("that is a symlink", "leaf.md", b"secret\n"),
        ("that is hidden", ".hidden.md", b"hidden\n"),
        ("that is a folder", "sub", b""),
        ("with another hash", "a.md", b"ALPHA\n"),
        ("with another size", "a.md", b"alpha")):
    asked("HC-03 GET of a file " + what, pr.entry(path, data, id=1))
asked("HC-03 GET from beyond the end, of other contents",
      pr.entry("a.md", b"ALPHA\n", id=1, offset=pr.INT64_MAX))
asked("HC-03 GET of 2^63 - 1 bytes",
      pr.entry("a.md", OLD, id=1, size=pr.INT64_MAX))


# Streams.

def stream(t, n=1, size=100, path="x.md", **more):
    t.say("FILE_UPDATE", [pr.update(n, path, b"y" * size, form=pr.STREAM,
                                    **more)])


def part(data=b"y" * 50, **members):
    return pr.message("FILE_DATA", contents=data, **members)


def streamed(name, *parts, **more):
    def send(t):
        stream(t, **more)
        for p in parts:
            t.send(p)
    peer_case("HC-03 " + name, send)


peer_case("HC-03 a part of no file", lambda t: part(id=1))
peer_case("HC-03 the end of no file", lambda t: part(b"", id=1, last=True))
streamed("a part of another file", part(id=2))
streamed("a part with a gap before it", part(id=1, offset=50))
streamed("a part twice", part(id=1), part(id=1))
streamed("a part beyond the size", part(b"y" * 101, id=1))
streamed("a part at 2^63 - 1", part(id=1, offset=pr.INT64_MAX))
streamed("a part after the last", part(b"y" * 100, id=1, last=True),
         part(b"", id=1, offset=100))
peer_case("HC-03 a stream twice", lambda t: (stream(t), stream(t))[0])
peer_case("HC-09 five streams at once",
          lambda t: [stream(t, n, path="x%d.md" % n) for n in range(5)][0])


@case("HC-09 four streams at once, a part each in turn")
def four_streams(h):
    t = h.peer()
    t.meet()
    for n in range(4):
        stream(t, n, path="x%d.md" % n)
    for offset in (0, 50):
        for n in range(4):
            t.send(part(id=n, offset=offset, last=offset > 0))
    check(t.answers() == {n: "ACK" for n in range(4)}, "refused")
    for n in range(4):
        h.may("x%d.md" % n, b"y" * 100)
    t.bye()


@case("HC-03 streams that turn out wrong")
def bad_streams(h):
    t = h.peer()
    t.meet()
    for n, end in enumerate((part(id=0, last=True),
                             part(b"y" * 100, id=1, last=True, bad=True),
                             part(b"z" * 100, id=2, last=True),
                             part(b"\0" * 100, id=3, last=True))):
        stream(t, n, path="x%d.md" % n)
        t.send(end)
    got = t.answers()
    check(sorted(got) == [0, 1, 2, 3] and "ACK" not in got.values(), str(got))
    t.bye()


@case("NW-01 a stream that never ends")
def open_stream(h):
    t = h.peer()
    t.meet()
    stream(t, size=1 << 20)
    for n in range(3):
        t.send(part(b"y" * 1000, id=1, offset=n * 1000))
    t.ended(0)


@case("HC-03 a stream that begins where nothing is held")
def forged_offset(h):
    for offset in (50, 100, 101, pr.INT64_MAX):
        t = h.peer()
        t.meet()
        stream(t, offset=offset)
        t.send(part(id=1, offset=offset, last=True))
        t.say("PING")
        m = t.expect("ERROR", "REFUSED")
        t.hang_up()
        check(t.process.wait() in (0, 12), "exit %s" % t.process.code)


@case("HC-18 what is refused is not looked at, inline or streamed")
def not_looked_at(h):
    """Or who may not touch a name could ask if there is such a file."""
    t = h.peer()
    t.meet()
    for n, path in enumerate((".hidden.md", ".nothing.md", ".git/config")):
        t.say("FILE_UPDATE", [pr.update(n, path, NEW)], NEW)
        t.say("FILE_UPDATE", [pr.update(n + 10, path, NEW, form=pr.STREAM)])
        t.say("FILE_DATA", contents=NEW, id=n + 10, last=True)
    t.say("PING")
    while True:
        m = t.expect("REFUSED", "PONG")
        if m.t == "PONG":
            break
        for r in m.records:
            check(set(r) == {"id", "fault"}, "it tells: %s" % r)
    t.say("CHANGES")
    check(not [p for p in t.listing() if p.startswith(b".")], "it is listed")
    t.bye()


@case("HC-16 a stream larger than any file may be")
def large_stream(h):
    t = h.peer()
    t.meet(max_size=1000)
    stream(t, size=1001)
    t.send(part(b"y" * 1001, id=1, last=True))
    got = t.answers()
    check(got == {1: 7}, str(got))
    t.bye()


# The same path, ids and types again and again.

@case("HC-03 one path twice in a message")
def twice(h):
    t = h.peer()
    t.meet()
    got = t.op("FILE_UPDATE", pr.update(1, "x.md", b"1\n"),
               pr.update(2, "x.md", b"2\n"), pr.update(3, "x.md", b"3\n",
                                                       b"1\n"),
               contents=b"1\n2\n3\n")
    check(got[1] == "ACK" and got[2] != "ACK", str(got))
    h.may("x.md", b"1\n", b"3\n")
    t.bye()


@case("HC-03 a file, and one below it, in one message")
def below(h):
    t = h.peer()
    t.meet()
    got = t.op("FILE_UPDATE", pr.update(1, "x", b"1\n"),
               pr.update(2, "x/y/z", b"2\n"), pr.update(3, "q/r", b"3\n"),
               pr.update(4, "q", b"4\n"), contents=b"1\n2\n3\n4\n")
    check(got[1] == got[3] == "ACK" and got[2] != "ACK" and got[4] != "ACK",
          str(got))
    h.may("x", b"1\n")
    h.may("q/r", b"3\n")
    t.bye()


@case("HC-05 one id for everything")
def one_id(h):
    t = h.peer()
    t.meet()
    top = 2**32 - 1
    t.say("FILE_UPDATE", [pr.update(top, "x%d.md" % n, NEW)
                          for n in range(3)], NEW * 3)
    t.say("PING")
    acks = []
    while True:
        m = t.expect("ACK", "PONG")
        if m.t == "PONG":
            break
        acks += [r["id"] for r in m.records]
    check(acks == [top] * 3, str(acks))
    for n in range(3):
        h.may("x%d.md" % n, NEW)
    t.bye()


@case("HC-15 a chain of versions, and none is lost")
def versions(h):
    t = h.peer()
    t.meet()
    texts = [OLD] + [b"version %d\n" % n for n in range(40)]
    for n in range(40):
        check(t.op("FILE_UPDATE", pr.update(n, "a.md", texts[n + 1],
                                            texts[n]),
                   contents=texts[n + 1]) == {n: "ACK"}, "refused")
    check(t.op("FILE_DELETE", pr.record(id=1, path="a.md", if_=pr.sha(
        texts[-1]))) == {1: "ACK"}, "refused")
    h.may("a.md", None)
    t.bye()
    for text in texts:
        h.check_kept("a.md", pr.sha(text).hex())


@case("HC-03 many operations on few paths, by dice")
def dice_ops(h):
    """Whatever is accepted: the journal is true, and no version is lost."""
    paths = ["a.md", "sub/b.md", "x", "x/y", "x/y/z", "n.md", "link/q"]
    texts = [b"%d\n" % n for n in range(4)] + [OLD, b"beta\n"]
    seen = {OLD, b"beta\n", b"echo\n"}
    for seed in range(8):
        dice = random.Random(seed)
        t = h.peer()
        t.meet()
        for n in range(60):
            kind = dice.choice(["put", "put", "delete", "move", "meta"])
            path, text = dice.choice(paths), dice.choice(texts)
            old = dice.choice([None] + texts)
            if kind == "put":
                t.say("FILE_UPDATE", [pr.update(n, path, text, old)], text)
            elif kind == "delete":
                t.say("FILE_DELETE", [pr.record(id=n, path=path, if_=pr.sha(
                    text))])
            elif kind == "move":
                t.say("FILE_MOVE", [pr.entry(dice.choice(paths), text, id=n,
                                             from_=path, if_=pr.sha(text))])
            else:
                t.say("FILE_UPDATE", [pr.update(
                    n, path, text, text, form=pr.META,
                    kind=pr.TEXT | dice.choice([0, pr.EXEC]))])
        seen.update(texts[:4])
        check(len(t.answers()) == 60, "not all were answered")
        t.bye()
        h.check_journal()
    for path in paths:
        h.may(path, None, *texts)
    h.honest("sync", h.root, os.path.join(h.base, "log", "copy"))


# Odd but honest.

@case("HC-07 times from INT64_MIN to INT64_MAX")
def times(h):
    t = h.peer()
    t.meet()
    values = [pr.INT64_MIN, pr.INT64_MIN + 1, -1, 0, 1, 2**31 * 10**9,
              2**32 * 10**9, 2**34 * 10**9 - 1, pr.INT64_MAX - 1,
              pr.INT64_MAX]
    got = t.op("FILE_UPDATE", *[pr.update(n, "t%d.md" % n, NEW, mtime=v)
                                for n, v in enumerate(values)],
               contents=NEW * len(values))
    check(set(got.values()) == {"ACK"}, str(got))
    for n in range(len(values)):
        h.may("t%d.md" % n, NEW)
    t.bye()
    for command in (["status"], ["versions"], ["log"], ["log", "--json"]):
        h.honest(*command, h.root)
    copy = os.path.join(h.base, "log", "copy")
    h.honest("sync", h.root, copy)
    h.honest("sync", "-n", "--exit-code", h.root, copy)


@case("HC-10 names with every byte there is")
def names(h):
    t = h.peer()
    t.meet()
    paths = [bytes([b]) for b in range(1, 256) if b not in b"./"]
    paths += [b"-rf", b"$(id)", b"`id`", b"new\nline", b"\x1b[2J\x07",
              b"x" * 255, b"\xff\xfe", "\u202egpj.md".encode(), b".dsyn",
              b"DSYNC", b"  ", b"a b ", b"%s%n", b"a\\"]
    paths = [p if not p.startswith(b".") else b"d" + p for p in paths]
    got = t.op("FILE_UPDATE", *[pr.update(n, p, NEW)
                                for n, p in enumerate(paths)],
               contents=NEW * len(paths))
    check(set(got.values()) == {"ACK"},
          str({paths[n]: v for n, v in got.items() if v != "ACK"}))
    for p in paths:
        h.may(os.fsdecode(p), NEW)
    t.bye()
    for command in (["status"], ["versions"], ["log"], ["log", "--json"]):
        for line in h.honest(*command, h.root).splitlines():
            one_line(line.encode("utf-8", "surrogateescape")
                     .replace(b"\t", b""), command[0])


@case("HC-03 another case of dsync's own name is hidden, and no more")
def upper(h):
    t = h.peer()
    t.meet(hidden=True)
    got = t.op("FILE_UPDATE", pr.update(1, ".DSYNC/journal.db", NEW),
               contents=NEW)
    h.may(".DSYNC/journal.db", NEW, None)
    check(1 in got, "no answer")
    t.bye()


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
        t = h.peer()
        t.send(t.hello_bytes())
        t.say("FILE_UPDATE", [pr.update(1, "x.md", NEW)], NEW)
        t.say("BYE")
        h.may("x.md", NEW, None)
        t.ends(0, 3, 11)
        h.check_journal = lambda: None


planted("the private folder", ".dsync", "../outside")
planted("the stage", ".dsync/stage", "../../outside")
planted("the identity", ".dsync/id", "../../outside/a.md")
planted("the lock", ".dsync/lock", "../../outside/a.md")
planted("the journal", ".dsync/journal.db", "../../outside/a.md")
planted("the journal's log", ".dsync/journal.db-wal", "../../outside/a.md")


# Compression.

def zstd_case(name, *pieces, code=12):
    def send(t):
        t.send(t.hello_bytes(features=["zstd"]))
        check("zstd" in t.expect("HELLO")["features"], "no zstd")
        t.reader.next = lambda: None  # what it says is compressed now
        for p in pieces:
            if not t.send(p):
                break

    @case("HC-08 " + name)
    def run(h):
        t = h.peer()
        send(t)
        if code is None:  # it waits for more, and may
            t.ended(0, 10)
        else:
            t.ends(code)


START = pr.zstd_start()
zstd_case("plain frames where zstd was agreed", pr.message("BYE"))
zstd_case("zstd, honest", START, pr.zstd_raw(pr.message("BYE")), code=0)
zstd_case("zstd: 1 GiB of zeros", START, pr.zstd_run(b"\0", 1 << 30))
zstd_case("zstd: a header of 256 KiB of spaces, again and again", START,
          (pr.zstd_raw(b"\0\4\0\0") + pr.zstd_run(b" ", 262144)) * 100)
zstd_case("zstd: a window of 16 MiB", pr.zstd_start(24),
          pr.zstd_raw(pr.message("BYE")))
zstd_case("zstd: a window of 2 TiB", pr.zstd_start(41),
          pr.zstd_raw(pr.message("BYE")))
zstd_case("zstd: garbage inside", START, pr.zstd_raw(pr.message("PING")),
          bytes(range(255, 0, -1)) * 10)
zstd_case("zstd: an end, and another frame, honest", START, pr.zstd_raw(
    pr.message("PING"), last=True), START, pr.zstd_raw(pr.message("BYE")),
          code=0)
zstd_case("zstd: frames without end that hold nothing",
          (START + pr.zstd_block(0, 0, b"", last=True)) * 100000, START,
          pr.zstd_raw(pr.message("BYE")), code=0)
zstd_case("zstd: an end, and words", START, pr.zstd_raw(
    pr.message("PING"), last=True), pr.message("BYE"))
zstd_case("zstd: an end, and a skippable frame", START, pr.zstd_raw(
    pr.message("PING"), last=True), b"\x50\x2a\x4d\x18\xff\xff\xff\xff")
zstd_case("zstd: an end, and a window of 16 MiB", START, pr.zstd_raw(
    pr.message("PING"), last=True), pr.zstd_start(24),
          pr.zstd_raw(pr.message("BYE")))
zstd_case("zstd: a block larger than any", START, pr.zstd_block(
    0, (1 << 21) - 1, b"x" * ((1 << 21) - 1)))
zstd_case("zstd: a reserved block", START, pr.zstd_block(3, 10, b"x" * 10))
zstd_case("zstd: a dictionary", pr.ZSTD_MAGIC + b"\1\0\xff",
          pr.zstd_raw(pr.message("BYE")))
zstd_case("zstd: a skippable frame without end",
          b"\x50\x2a\x4d\x18\xff\xff\xff\xff", START,
          b"x" * 1000)
peer_case("HC-08 zstd where it was not agreed",
          lambda t: START + pr.zstd_raw(pr.message("BYE")), text="bad frame")


@case("HC-08 zstd: a file of 90 MiB in a few KiB")
def bomb(h):
    t = h.peer()
    t.send(t.hello_bytes(features=["zstd"]))
    t.expect("HELLO")
    t.reader.next = lambda: None
    mib, n = 1 << 20, 90
    data = hashlib.sha256()
    for _ in range(n):
        data.update(b"y" * mib)
    t.send(START + pr.zstd_raw(pr.message("FILE_UPDATE", [pr.update(
        1, "big.md", b"", size=n * mib, hash=data.digest(),
        form=pr.STREAM)])))
    for at in range(n):
        head = pr.message("FILE_DATA", id=1, offset=at * mib, data=mib,
                          last=at == n - 1)
        t.send(pr.zstd_raw(head) + pr.zstd_run(b"y", mib))
    t.send(pr.zstd_raw(pr.message("BYE")))
    t.ends(0)
    check(os.path.getsize(os.path.join(h.root, "big.md")) == n * mib, "size")
    os.unlink(os.path.join(h.root, "big.md"))
    h.check_journal = lambda: None


# Floods.

@case("RL PINGs without end, and nobody reads the answers")
def ping_flood(h):
    t = h.peer()
    t.meet()
    t.deaf = True
    pings = pr.message("PING", token=pr.INT64_MAX) * 10000
    for _ in range(400):
        if not t.send(pings, patience=2):
            break
    t.ended(10)


@case("RL questions without end, and nobody reads the answers")
def get_flood(h):
    h.put("big.md", b"y" * 200000)
    h.remember()
    t = h.peer()
    t.meet()
    t.deaf = True
    gets = pr.message("GET", [pr.entry("big.md", b"y" * 200000, id=n)
                              for n in range(1000)])
    for _ in range(100):
        if not t.send(gets, patience=2):
            break
    t.hang_up()
    check(t.process.wait() in (10, 12), "exit %s" % t.process.code)


@case("RL more files asked for than may be")
def get_many(h):
    t = h.peer()
    t.meet()
    t.say("GET", [pr.entry("a.md", OLD, id=n) for n in range(9000)])
    t.refuses("too many")


@case("RL looks without end, and nobody reads the answers")
def changes_flood(h):
    for n in range(4000):
        h.put("many/%s%d.md" % ("long" * 40, n), b"x\n")
    h.remember()
    t = h.peer()
    t.meet()
    t.deaf = True
    t.send(pr.message("CHANGES") * 300, patience=2)
    # It may take its time, but not our memory.
    end = time.monotonic() + PATIENCE / 2
    while time.monotonic() < end and t.process.p.poll() is None:
        if busy_time(t.process.p.pid, 0.3) == 0:
            break
    t.hang_up()
    check(t.process.wait() is not None, "it does not end")


def busy_time(pid, seconds):
    """Clock ticks of the CPU that it uses in that time."""
    def ticks():
        with open("/proc/%d/stat" % pid) as f:
            fields = f.read().rsplit(")", 1)[1].split()
        return int(fields[11]) + int(fields[12])
    try:
        before = ticks()
        time.sleep(seconds)
        return ticks() - before
    except OSError:
        return 0


@case("RL refusals without end, and nobody reads them")
def refusal_flood(h):
    t = h.peer()
    t.meet()
    t.deaf = True
    bad = pr.message("FILE_DELETE", [pr.record(
        id=n, path=".hidden/" + "x" * 200, if_=NUL32) for n in range(4000)])
    for _ in range(100):
        if not t.send(bad, patience=2):
            break
    t.ended(10)


@case("HC-14 a million empty parts of a file")
def empty_parts(h):
    t = h.peer()
    t.meet()
    stream(t)
    t.send(part(b"", id=1) * 200000)
    t.ended(0)


@case("NW-01 closed after each message of a session")
def closed(h):
    talk = [lambda t: t.hello_bytes(),
            lambda t: pr.message("CHANGES"),
            lambda t: pr.message("GET", [pr.entry("a.md", OLD, id=1)]),
            lambda t: pr.message("FILE_UPDATE", [pr.update(
                2, "x.md", NEW, form=pr.STREAM)]),
            lambda t: part(NEW, id=2, last=True),
            lambda t: pr.message("FILE_DELETE", [pr.record(
                id=3, path="run.sh", if_=(pr.sha(b"echo\n"), True))]),
            lambda t: pr.message("PING"),
            lambda t: pr.message("DONE"),
            lambda t: pr.message("BYE")]
    h.may("x.md", NEW, None)
    h.may("run.sh", b"echo\n", None)
    for n in range(len(talk) + 1):
        for cut in (0, 3):
            t = h.peer()
            data = b"".join(say(t) for say in talk[:n])
            t.send(data[:len(data) - cut])
            t.hang_up()
            check(t.process.wait() in (0, 10), "exit %s" % t.process.code)
    h.honest("sync", h.root, os.path.join(h.base, "log", "copy"))


@case("NW-02 a session a byte at a time, and the same in one lump")
def bytewise(h):
    said = []
    for pieces in (1, 1 << 20):
        t = h.peer()
        data = (t.hello_bytes() + pr.message("GET", [pr.entry(
            "a.md", OLD, id=1)]) + pr.message("PING") + pr.message("BYE"))
        for at in range(0, len(data), pieces):
            t.send(data[at:at + pieces])
        said.append([m.t for m in t.rest()])
        t.ends(0)
    check(said[0] == said[1], str(said))


@case("NW-09 a bit flipped, in each byte of a message")
def flipped(h):
    data = pr.message("FILE_UPDATE", [pr.update(1, "x.md", NEW)], NEW)
    h.may("x.md", NEW, None)
    good = data + pr.message("BYE")
    for at in range(0, len(data), 7):
        t = h.peer()
        t.meet()
        bad = bytearray(good)
        bad[at] ^= 1 << at % 8
        t.send(bytes(bad))
        t.hang_up()
        check(t.process.wait() in (0, 10, 12), "exit %s" % t.process.code)
        for path in h.synced():
            check(path in h.before or h.get(path) == NEW,
                  "%r holds %r" % (path, h.get(path)))
            if path not in h.before:
                h.may(path, NEW)


@case("RL-01 HELLO trickled a byte at a time")
def trickle(h):
    t = h.peer()
    data = t.hello_bytes()
    end = time.monotonic() + 35  # it has 30 s of patience
    for at in range(len(data) - 1):
        if not t.send(data[at:at + 1]) or time.monotonic() > end:
            break
        time.sleep(0.5)
    # Who does not take the byte may not have ended yet.
    check(t.process.wait(5) is not None, "35 s, and it still waits")


@case("RL-01 silence before HELLO")
def silent(h):
    t = h.peer()
    check(t.process.wait(45) is not None, "45 s, and it still waits")


@case("RL-01 silence after HELLO")
def silent_after(h):
    t = h.peer()
    t.meet()
    check(t.process.wait(50) is not None, "50 s, and it still waits")


for function in (trickle, silent, silent_after):
    function.slow = True


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
