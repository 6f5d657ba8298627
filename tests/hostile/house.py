# SPDX-License-Identifier: MIT
"""What every hostile case stands on: folders with canaries, the process under
attack, and what must be true of both afterwards.

A case is a function.  It talks; then the house closes the connection, waits
for the process to end, and looks at everything that it could have touched.
"""

import array
import hashlib
import os
import re
import select
import socket
import sqlite3
import stat
import struct
import subprocess
import sys
import threading
import time
import traceback
from concurrent.futures import ThreadPoolExecutor

import protocol as pr

DSYNC = os.environ["DSYNC"]
WORK = os.environ["WORK"]
PATIENCE = 90  # seconds for what takes milliseconds on an idle machine
MEMORY = 64 * 1024  # KiB a process may grow
SANITIZED = b"__asan_init" in open(DSYNC, "rb").read()
if SANITIZED:
    PATIENCE *= 3


class Fail(Exception):
    pass


class Skip(Exception):
    pass


def check(ok, what):
    if not ok:
        raise Fail(what)


# Memory: who is alive is looked at every few milliseconds.

class Meter(threading.Thread):
    def __init__(self):
        super().__init__(daemon=True)
        self.peak, self.lock = {}, threading.Lock()

    def look(self, pid):
        try:
            with open("/proc/%d/status" % pid) as f:
                m = re.search(r"^VmHWM:\s+(\d+)", f.read(), re.M)
        except OSError:
            m = None
        if m:
            with self.lock:
                self.peak[pid] = max(self.peak.get(pid, 0), int(m.group(1)))

    def run(self):
        while True:
            for pid in list(self.peak):
                self.look(pid)
            time.sleep(0.005)

    def begin(self, pid):
        with self.lock:
            self.peak[pid] = 0

    def end(self, pid):
        with self.lock:
            return self.peak.pop(pid, 0)


METER = Meter()


class Process:
    """A dsync that runs; what it prints goes into files."""

    def __init__(self, house, args, env=None, under=(), **kwargs):
        self.name = " ".join(args)
        self.out = house.file("out")
        self.err = house.file("err")
        with open(self.out, "wb") as out, open(self.err, "wb") as err:
            self.p = subprocess.Popen(
                [*under, DSYNC, *args], stdout=kwargs.pop("stdout", out), stderr=err,
                stdin=kwargs.pop("stdin", subprocess.DEVNULL),
                env=dict(os.environ, **(env or {})), cwd=house.base, **kwargs)
        METER.begin(self.p.pid)
        self.code = self.peak = None
        self.sessions = []  # of a dsync watch: a process for each connection

    def has_session(self, pid):
        METER.begin(pid)
        self.sessions.append(pid)

    def wait(self, patience=PATIENCE):
        """Its exit code; None if it is not over in time."""
        if self.code is None:
            for pid in (self.p.pid, *self.sessions):
                METER.look(pid)
            try:
                self.code = self.p.wait(patience)
            except subprocess.TimeoutExpired:
                return None
            self.peak = max(map(METER.end, (self.p.pid, *self.sessions)))
        return self.code

    def kill(self):
        if self.code is None:
            self.p.kill()
            self.p.wait()
            for pid in (self.p.pid, *self.sessions):
                METER.end(pid)

    def printed(self):
        return b"".join(open(f, "rb").read() for f in (self.out, self.err))


class Talk:
    """One end of a connection to the process under attack."""

    def __init__(self, house, hears, says):
        self.house, self.hears, self.says = house, hears, says
        self.reader, self.heard, self.open = pr.Reader(), [], True
        self.deaf = False
        hears.setblocking(False)
        says.setblocking(False)
        house.talks.append(self)

    def _read(self):
        try:
            data = self.hears.recv(1 << 16)
        except BlockingIOError:
            return
        except ConnectionError:
            data = b""
        if not data:
            self.open = False
        self.reader.feed(data)

    def send(self, data, patience=PATIENCE):
        """All of it; False if the other side hung up or does not read."""
        view, end = memoryview(data), time.monotonic() + patience
        while view:
            reading = [self.hears] if self.open and not self.deaf else []
            r, w, _ = select.select(reading, [self.says], [], 0.5)
            if r:
                self._read()
            if w:
                try:
                    view = view[self.says.send(view[:1 << 18]):]
                    end = time.monotonic() + patience
                except BlockingIOError:
                    pass
                except OSError:
                    return False
            elif time.monotonic() > end:
                return False
        return True

    def say(self, *args, **kwargs):
        return self.send(pr.message(*args, **kwargs))

    def hear(self, patience=PATIENCE):
        """The next message; None when there will be no more."""
        end = time.monotonic() + patience
        while True:
            m = self.reader.next()
            if m is not None:
                self.heard.append(m)
                if m.t == "ERROR":
                    one_line(m["text"].encode(), "the text of ERROR")
                return m
            if not self.open:
                return None
            left = end - time.monotonic()
            check(left > 0, "silence")
            if select.select([self.hears], [], [], left)[0]:
                self._read()

    def expect(self, *types):
        """The next message, which must be of one of these types."""
        m = self.hear()
        check(m is not None, "the end, not " + "/".join(types))
        check(m.t in types, "%s, not %s: %s" % (m.t, "/".join(types), dict(m)))
        return m

    def until(self, *types):
        while True:
            m = self.hear()
            check(m is not None, "the end before " + "/".join(types))
            check(m.t != "ERROR" or "ERROR" in types,
                  "ERROR: " + m.get("text", ""))
            if m.t in types:
                return m

    def rest(self):
        out = []
        while True:
            m = self.hear()
            if m is None:
                return out
            check(m.t != "PONG" or m["token"] != 0x5A,
                  "it goes on as if nothing were wrong")
            out.append(m)

    def hang_up(self):
        self.hears.close()
        self.says.close()
        self.open = False


def one_line(data, what):
    text = data.decode("utf-8", "surrogateescape")
    bad = [c for c in text if c < " " or "\x7f" <= c <= "\x9f"
           or "\udc80" <= c <= "\udcff"]
    check(not bad, "%s has control characters: %r" % (what, data[:200]))


def tree(top, skip=()):
    """path: (type and mode, size or target, mtime, hash); ctime last."""
    out = {}
    for folder, folders, files in os.walk(top):
        folders[:] = [f for f in folders
                      if os.path.join(folder, f) not in skip]
        for name in folders + files + ["."]:
            path = os.path.normpath(os.path.join(folder, name))
            st = os.lstat(path)
            what = None
            if stat.S_ISREG(st.st_mode) and os.access(path, os.R_OK):
                with open(path, "rb") as f:
                    what = hashlib.sha256(f.read()).hexdigest()
            elif stat.S_ISLNK(st.st_mode):
                what = os.readlink(path)
            size = 0 if stat.S_ISDIR(st.st_mode) else st.st_size
            out[os.path.relpath(path, top)] = (
                st.st_mode, size, st.st_mtime_ns, st.st_ctime_ns, what)
    return out


class House:
    """The folders of one case."""

    FILES = {"a.md": b"alpha\n", "sub/b.md": b"beta\n", "run.sh": b"echo\n"}
    OTHERS = {".hidden.md": b"hidden\n", "data.bin": b"\0\1binary"}

    def __init__(self, name, n):
        self.name = name
        self.base = os.path.join(WORK, "h%d" % n)
        self.root = os.path.join(self.base, "root")
        self.outside = os.path.join(self.base, "outside")
        self.count = 0
        self.allowed, self.processes, self.talks = {}, [], []
        self.stage_kept = False
        self.memory = MEMORY
        for folder in ("root/sub", "outside/sub", "log"):
            os.makedirs(os.path.join(self.base, folder))
        for path, data in dict(self.FILES, **self.OTHERS).items():
            self.put(path, data)
        os.chmod(os.path.join(self.root, "run.sh"), 0o755)
        for path in ("secret.md", "sub/x.md", "a.md"):
            self.write(os.path.join(self.outside, path), b"secret\n")
        self.write(os.path.join(self.base, "beside.md"), b"beside\n")
        os.symlink("../outside", os.path.join(self.root, "link"))
        os.symlink("../outside/secret.md", os.path.join(self.root, "leaf.md"))

    @staticmethod
    def write(path, data, mtime=1600000000 * 10**9):
        with open(path, "wb") as f:
            f.write(data)
        os.utime(path, ns=(mtime, mtime))

    def put(self, path, data, mtime=1600000000 * 10**9):
        path = os.path.join(self.root, path)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        self.write(path, data, mtime)

    def drop(self, path, data):
        """A file that appears in one piece, after the attack has begun."""
        whole = self.file("drop")
        self.write(whole, data)
        os.rename(whole, os.path.join(self.root, path))

    def get(self, path):
        try:
            with open(os.path.join(self.root, path), "rb") as f:
                return f.read()
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
            return None

    def file(self, name):
        self.count += 1
        return os.path.join(self.base, "log", "%d.%s" % (self.count, name))

    def remember(self):
        """How things stand before the attack."""
        private = (os.path.join(self.base, "log"), self.root)
        self.before_outside = tree(self.base, private)
        self.before = self.synced()

    def synced(self):
        return {p: v for p, v in
                tree(self.root, (os.path.join(self.root, ".dsync"),)).items()
                if stat.S_IFMT(v[0]) != stat.S_IFDIR}

    def may(self, path, *contents):
        """The case asks for this rightly: what may stand there (None: not)."""
        self.allowed[path] = contents

    # What must be true afterwards.

    def check_outside(self):
        private = (os.path.join(self.base, "log"), self.root)
        now = tree(self.base, private)
        for path in sorted(set(now) | set(self.before_outside)):
            check(now.get(path) == self.before_outside.get(path),
                  "outside the root: %s was touched" % path)

    def check_inside(self):
        now = self.synced()
        for path in sorted(set(now) | set(self.before)):
            old, new = self.before.get(path), now.get(path)
            if path in self.allowed:
                check(self.get(path) in self.allowed[path],
                      "%r holds what it must not" % path)
                if old is not None and new is not None:
                    check(stat.S_IFMT(old[0]) == stat.S_IFMT(new[0]),
                          "%r changed its type" % path)
                if old and old[4] not in [v[4] for v in now.values()]:
                    self.check_kept(path, old[4])
                continue
            # The ctime may change where a file was put back.
            check((old and old[:3] + old[4:]) == (new and new[:3] + new[4:]),
                  "%r was touched: %s, now %s" % (path, old, new))

    def check_kept(self, path, digest):
        with self.journal() as db:
            row = db.execute("SELECT 1 FROM version WHERE sha256 = ?",
                             (bytes.fromhex(digest),)).fetchone()
        check(row, "%r was displaced and not kept" % path)

    def journal(self):
        path = os.path.join(self.root, ".dsync", "journal.db")
        return sqlite3.connect("file:%s?mode=ro" % path, uri=True)

    def check_journal(self):
        """Whole, and never ahead of the disk."""
        if not os.path.exists(os.path.join(self.root, ".dsync/journal.db")):
            return
        with self.journal() as db:
            check(db.execute("PRAGMA integrity_check").fetchall() ==
                  [("ok",)], "the journal is damaged")
            rows = db.execute("SELECT path, sha256, disk_sha256, kind, size,"
                              " disk IS NOT NULL FROM file_state").fetchall()
            check(db.execute("SELECT count(*) FROM intent").fetchone()[0] == 0
                  or self.stage_kept, "intents are left")
        for path, agreed, disk, kind, size, has_disk in rows:
            data = self.get(os.fsdecode(path))
            if has_disk and data is not None and kind == pr.TEXT:
                check(pr.sha(data) == (disk or agreed),
                      "the journal lies about what %r holds" % path)

    def check_stage(self):
        stage = os.path.join(self.root, ".dsync", "stage")
        if os.path.islink(stage) or not os.path.isdir(stage):
            return
        left = [os.path.join(f, n) for f, d, names in os.walk(stage)
                for n in d + names]
        check(not left or self.stage_kept, "left in the stage: %s" % left)

    def check_process(self, p):
        check(p.wait() is not None, "it does not end: " + p.name)
        printed = p.printed()
        check(b"Sanitizer" not in printed and b"runtime error" not in printed,
              "sanitizer: " + printed.decode("utf-8", "replace")[-3000:])
        check(0 <= p.code < 126, "it ended with %d" % p.code)
        for line in printed.split(b"\n"):
            one_line(line.replace(b"\t", b""), "what it printed")
        if not SANITIZED:
            check(p.peak < BASE["peak"] + self.memory, "it took %d MiB" %
                  (p.peak // 1024))

    def check_all(self):
        for p in self.processes:
            self.check_process(p)
        self.check_outside()
        self.check_inside()
        self.check_stage()
        self.check_journal()

    # The two ways to meet a dsync.

    def peer(self, *args, env=None, under=()):
        """As a client: the peer, started as a client starts it; or with
        presets, which env then names.  under: what runs it."""
        ours, theirs = socket.socketpair()
        p = Process(self, ["peer", *(args if env else ["--folder", self.root])],
                    stdin=theirs, stdout=theirs, env=env, under=under)
        theirs.close()
        self.processes.append(p)
        return PeerTalk(self, ours, ours, p)

    def client(self, *options, noise=b"", command="sync"):
        """As a server: a client that was told to sync with it."""
        door = Door(self, noise)
        p = Process(self, [command, "-e", door.relay, *options,
                           "mallory:/preset/x", self.root], env=door.env)
        self.processes.append(p)
        talk = ClientTalk(self, door, p)
        if command == "sync":
            door.close()
        return talk

    def honest(self, *args):
        """A dsync that nobody attacks; it must do well."""
        p = Process(self, list(args))
        code = p.wait()
        check(code == 0, "dsync %s: %s: %s" % (" ".join(args), code,
                                               p.printed().decode()))
        return open(p.out).read()


RELAY = """#!%s -ISE
import array, os, select, socket
os.write(2, bytes.fromhex(os.environ["DSYNC_NOISE"]))
s = socket.socket(socket.AF_UNIX)
s.connect("\\0" + os.environ["DSYNC_HOSTILE"])
s.sendmsg([b"."], [(socket.SOL_SOCKET, socket.SCM_RIGHTS,
                    array.array("i", [0, 1]))])
p = select.poll()
p.register(0, select.POLLRDHUP)
p.register(s, select.POLLRDHUP)
p.poll()
"""


class Door:
    """Where a client comes whose --rsh hands us its end of the connection.

    The one place that knows how a peer is started."""

    def __init__(self, house, noise=b""):
        self.relay = os.path.join(house.base, "log", "relay")
        if not os.path.exists(self.relay):
            with open(self.relay, "w") as f:
                f.write(RELAY % os.path.realpath(sys.executable))
            os.chmod(self.relay, 0o755)
        address = "dsync-hostile-%d-%s" % (os.getpid(), house.file("s"))
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind("\0" + address)
        self.listener.listen()
        self.listener.settimeout(PATIENCE)
        self.env = {"DSYNC_HOSTILE": address, "DSYNC_NOISE": noise.hex()}

    def close(self):
        self.listener.close()

    def accept(self, p):
        """What it hears from, what it says to, and what keeps both open."""
        try:
            relay, _ = self.listener.accept()
        except socket.timeout:
            raise Fail("no client: " + p.printed().decode())
        fds = array.array("i")
        _, data, _, _ = relay.recvmsg(1, socket.CMSG_SPACE(2 * fds.itemsize))
        fds.frombytes(data[0][2][:2 * fds.itemsize])
        pid, _, _ = struct.unpack("3i", relay.getsockopt(
            socket.SOL_SOCKET, socket.SO_PEERCRED, 12))
        with open("/proc/%d/stat" % pid) as f:
            parent = int(f.read().rpartition(")")[2].split()[1])
        if parent != p.p.pid:
            p.has_session(parent)
        return [socket.socket(fileno=fd) for fd in fds] + [relay]


class Ended:
    """Both kinds of connections end the same way."""

    relay = None

    door = None

    def hang_up(self):
        super().hang_up()
        if self.relay is not None:
            self.relay.close()
        if self.door is not None:
            self.door.close()

    def ends(self, *codes):
        """It ends by itself, while we still listen, with one of these."""
        self.rest()
        code = self.process.wait()
        check(code is not None, "it does not end")
        check(code in codes, "exit %s, not %s: %s" %
              (code, codes, self.process.printed().decode("utf-8", "replace")))
        return code

    def ended(self, *codes):
        """The same, once we have hung up."""
        self.hang_up()
        code = self.process.wait()
        check(code is not None, "it does not end when nobody is there")
        check(code in codes, "exit %s, not %s" % (code, codes))

    def refuses(self, text=None):
        """What came breaks the protocol: an ERROR that says so, and 12."""
        self.say("PING", token=0x5A)
        last = (self.rest() or self.heard or [None])[-1]
        check(last is not None and last.t == "ERROR", "no ERROR")
        check(text is None or text in last["text"],
              "ERROR says \"%s\", not \"%s\"" % (last["text"], text))
        self.ends(12)


class PeerTalk(Ended, Talk):
    def __init__(self, house, hears, says, process):
        super().__init__(house, hears, says)
        self.process = process

    def hello_bytes(self, **members):
        h = dict(version="hostile", name="mallory", clock=time.time_ns())
        h.update(members)
        return pr.message("HELLO", **h)

    def meet(self, **members):
        """Up to where the peer has told all it has."""
        self.send(self.hello_bytes(**members))
        self.their_hello = self.expect("HELLO")
        return self.listing()

    def listing(self):
        files = {}
        while True:
            m = self.expect("CHANGES")
            for r in m.records:
                if "path" in r:
                    files[r["path"]] = r
            if not m["more"]:
                self.cursor = dict(epoch=m["epoch"], seq=m["seq"])
                return files

    def op(self, t, *records, contents=b""):
        """Operations, and {id: "ACK" or the fault} when all is answered."""
        self.say(t, records, contents)
        return self.answers()

    def answers(self):
        answers = {}
        self.say("PING", token=7)
        while True:
            m = self.expect("ACK", "REFUSED", "PONG", "PING")
            if m.t == "PONG":
                check(m["token"] == 7, "another token")
                return answers
            if m.t == "PING":
                self.say("PONG", token=m["token"])
            for r in m.records:
                check(r["id"] not in answers, "answered twice")
                answers[r["id"]] = "ACK" if m.t == "ACK" else r["fault"][0]

    def bye(self):
        self.say("BYE")
        self.ends(0)


class ClientTalk(Ended, Talk):
    ROOT = "5e" * 16
    EPOCH = "e0" * 16

    def __init__(self, house, door, process):
        hears, says, self.relay = door.accept(process)
        super().__init__(house, hears, says)
        self.door, self.process = door, process

    def stop(self):
        self.process.p.terminate()

    def again(self):
        """The next session of a dsync watch, when this one has ended."""
        Talk.hang_up(self)
        self.relay.close()
        return ClientTalk(self.house, self.door, self.process)

    def meet(self, **members):
        self.their_hello = self.expect("HELLO")
        h = dict(version="hostile", root=self.ROOT, access="full",
                 clock=time.time_ns(), granularity=1)
        h.update(members)
        self.say("HELLO", **h)

    def tell(self, *records, **members):
        """A whole listing, unless it is said otherwise."""
        m = dict(epoch=self.EPOCH, seq=1, full=True)
        m.update(members)
        self.say("CHANGES", records, **m)


# Cases and their verdicts.

CASES = []


def case(name, gap=None):
    """gap: what is known to be missing; then the case must fail."""
    def add(function):
        CASES.append((name, function, gap))
        return function
    return add


BASE = {"peak": 0}


def run_one(n, name, function, gap):
    house = House(name, n)
    try:
        house.remember()
        function(house)
        for talk in house.talks:
            talk.hang_up()
        house.check_all()
        verdict = "pass"
    except Skip as e:
        verdict = "skip: %s" % e
    except Fail as e:
        verdict = "FAIL: %s" % e
    except Exception:
        verdict = "FAIL: " + traceback.format_exc()
    for p in house.processes:
        p.kill()
    if gap and verdict.startswith("FAIL"):
        verdict = "skip: known gap: %s (%s)" % (gap, verdict[6:])
    elif gap and verdict == "pass":
        verdict = "FAIL: passes, but is listed as a gap: " + gap
    return name, verdict


def measure_base():
    house = House("base", 0)
    talk = house.peer()
    talk.meet()
    time.sleep(0.05)
    talk.bye()
    BASE["peak"] = talk.process.peak


def main(words):
    started = time.monotonic()
    METER.start()
    measure_base()
    chosen = [c for c in CASES if all(w in c[0] for w in words)]
    slow = [c for c in chosen if getattr(c[1], "slow", False)]
    quick = [c for c in chosen if c not in slow]
    with ThreadPoolExecutor(4 + len(slow)) as pool:
        results = [pool.submit(run_one, n + 1, *c)
                   for n, c in enumerate(slow + quick)]
        verdicts = [r.result() for r in results]
    count = {"pass": 0, "FAIL": 0, "skip": 0}
    # What failed comes last: of a long log that is what is looked at.
    for name, verdict in sorted(verdicts, key=lambda v: v[1][:4] == "FAIL"):
        print("%s: %s" % (name, verdict))
        count[verdict[:4]] += 1
    print("base memory: %d MiB; %.1f s" %
          (BASE["peak"] // 1024, time.monotonic() - started))
    print("%d passed, %d failed, %d skipped" %
          (count["pass"], count["FAIL"], count["skip"]))
    return 1 if count["FAIL"] or not count["pass"] else 0
