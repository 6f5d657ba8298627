# SPDX-License-Identifier: MIT
"""An honest server, and what a hostile one says instead of it."""

import os

from house import check
import protocol as pr

TIME = 1600000000 * 10**9
SAME = {"a.md": b"alpha\n", "sub/b.md": b"beta\n", "run.sh": b"echo\n"}


class Server:
    """An honest one; a case replaces what it says to some messages."""

    command = "sync"

    def __init__(self, h, files=SAME, options=(), seq=1, told=(), noise=b"",
                 **hello):
        self.h, self.files = h, dict(files)
        self.told = list(told)  # told besides, and not there
        self.seq = seq
        self.exec = {"run.sh"}
        self.on = {}
        self.t = h.client(*options, noise=noise, command=self.command)
        self.hello = hello
        self.asked = {}

    def entry(self, path, **more):
        return pr.entry(path, self.files[path], mtime=TIME,
                        exec_=path in self.exec, **more)

    def tell(self, m=None):
        records = [self.entry(p) for p in sorted(self.files)] + self.told
        self.t.tell(*records, seq=self.seq)

    def give(self, m):
        for r in m.records:
            self.give_one(r)

    def give_one(self, r):
        path = os.fsdecode(r["path"])
        self.t.say("FILE_UPDATE", [self.entry(path, id=r["id"],
                                              form=pr.WHOLE)],
                   self.files[path])

    def ack(self, ids):
        self.seq += len(ids)
        self.t.say("ACK", [pr.record(id=n, seq=self.seq) for n in ids])

    def take(self, m):
        at = 0
        for r in m.records:
            path = os.fsdecode(r["path"])
            check(r["form"] == pr.WHOLE, "a form that no case has")
            data = m.contents[at:at + r["size"]]
            at += r["size"]
            check(pr.sha(data) == r["hash"], "other contents")
            self.files[path] = data
        self.ack([r["id"] for r in m.records])

    def delete(self, m):
        for r in m.records:
            del self.files[os.fsdecode(r["path"])]
        self.ack([r["id"] for r in m.records])

    def move(self, m):
        for r in m.records:
            self.files[os.fsdecode(r["path"])] = self.files.pop(
                os.fsdecode(r["from"]))
        self.ack([r["id"] for r in m.records])

    def done(self, m):
        fp = pr.fingerprint({p: (d, p in self.exec)
                             for p, d in self.files.items()})
        self.t.say("DONE", epoch=self.t.EPOCH, seq=self.seq, fp=fp,
                   files=len(self.files), equal=fp == m["fp"])

    def run(self, meet=True):
        if meet:
            self.t.meet(**self.hello)
            self.tell()
        usual = dict(GET=self.give, FILE_UPDATE=self.take, CHANGES=self.tell,
                     FILE_DELETE=self.delete, FILE_MOVE=self.move,
                     DONE=self.done,
                     PING=lambda m: self.t.say("PONG", token=m["token"]))
        while True:
            m = self.t.hear()
            if m is None or m.t in ("BYE", "ERROR"):
                return m
            (self.on.get(m.t) or usual[m.t])(m)

    def ends(self, *codes):
        self.run()
        self.t.ends(*codes)


def agreed(h):
    """As after a run: both have SAME."""
    Server(h).ends(0)
    h.processes.clear()
    h.remember()


def printed(t):
    return t.process.printed().decode("utf-8", "replace")
