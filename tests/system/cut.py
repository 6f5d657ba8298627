#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Cuts the link of one session after every STRIDE-th byte, in both directions.

    cut.py DSYNC RELAY FOLDER STRIDE

In FOLDER a server's folder and a client's are made that differ in every way; a
run without a cut shows what must come of them.  Then the same start again and
again, with the link cut one byte later each time: the run ends by itself and
cleanly, each file is a whole one, nothing is lost, and one more run ends as if
there had been no cut.
"""

import base64
import hashlib
import os
import shutil
import subprocess
import sys
import threading

DSYNC, RELAY, WORK, STRIDE = *map(os.path.abspath, sys.argv[1:4]), int(sys.argv[4])
REMOTE = "host:/preset/notes"
PATIENCE = 60  # seconds for what takes some hundredths of one
LOST = 10
WORKERS = 2


def text(seed, size):
    """A text that can't be made much smaller."""
    words = hashlib.shake_128(seed.encode()).digest(size * 3 // 4)
    return base64.encodebytes(words)


def write(folder, name, data, time=None):
    path = os.path.join(folder, name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as f:
        f.write(data)
    if time is not None:
        os.utime(path, ns=(time * 10**9, time * 10**9))


def fill(folder, side):
    for name in ("replace", "delete", "move", "stay"):
        write(folder, f"{side}/{name}.md", text(f"{side} {name}", 700))
    for name in ("server", "client"):
        write(folder, f"{side}/edit-{name}.md", text(f"{side} {name}", 2000))
    write(folder, f"{side}-large.md", text(side + " large", 300) * 700)


def change(folder, side, time):
    """One of each, also of what came from the other side."""
    for n in range(6):
        write(folder, f"{side}/new/{n}.md", text(f"{side} {n}", 1000), time)
    write(folder, f"{side}/replace.md", text(f"{side} other", 1300), time)
    for name in ("server", "client"):
        with open(f"{folder}/{name}/edit-{side}.md", "ab") as f:
            f.write(text(f"{side} more of {name}", 400))
    os.remove(f"{folder}/{side}/delete.md")
    os.rename(f"{folder}/{side}/move.md", f"{folder}/{side}/moved.md")
    os.chmod(f"{folder}/{side}/stay.md", 0o755)
    write(folder, "both.md", f"both, {side}\n".encode(), time)
    write(folder, f"{side}-large.md", text(side + " huge", 2000) * 105, time)


def own_not(names):
    return [n for n in names if n != ".dsync"]


def tree(folder):
    """Every name with all that is kept of it."""
    seen = {}
    for top, folders, files in os.walk(folder):
        folders[:] = own_not(folders)
        for name in files:
            path = os.path.join(top, name)
            about = os.stat(path)
            with open(path, "rb") as f:
                data = f.read()
            seen[os.path.relpath(path, folder)] = (
                hashlib.sha256(data).hexdigest(),
                about.st_mode & 0o777, about.st_mtime_ns)
        for name in folders:
            path = os.path.join(top, name)
            seen[os.path.relpath(path, folder)] = None
    return seen


def hashes(*trees):
    return {about[0] for seen in trees for about in seen.values() if about}


class Pair:
    """A server's folder and a client's, with a home of their own."""

    def __init__(self, name):
        self.top = os.path.join(WORK, name)
        self.server, self.client = self.top + "/a", self.top + "/b"
        self.log = self.top + "/log"
        config = self.top + "/home/.config/dsync"
        os.makedirs(config)
        with open(config + "/presets.conf", "w", encoding="ascii") as f:
            f.write(f"[preset notes]\npath = {self.server}\naccess = full\n")
        self.env = dict(os.environ, HOME=self.top + "/home",
                        DSYNC_REMOTE_PATH=DSYNC)
        self.env.pop("XDG_CONFIG_HOME", None)

    def run(self, *words):
        done = subprocess.run([DSYNC, *words], env=self.env, timeout=PATIENCE,
                              stdin=subprocess.DEVNULL, capture_output=True,
                              check=False)
        self.said = (done.stdout + done.stderr).decode("utf-8", "replace")
        return done.returncode

    def sync(self, mode="up", n=-1):
        """True if the link was cut; the exit code is in code."""
        self.code = self.run("sync", "--name=client", "-e",
                             f"{RELAY} {mode} {n} {self.log}", REMOTE,
                             self.client)
        with open(self.log, encoding="ascii") as f:
            self.noted = f.read().strip()
        return "cut" in self.noted

    def begin(self, start):
        for mine, its in ((self.server, start.server),
                          (self.client, start.client)):
            shutil.rmtree(mine, ignore_errors=True)
            shutil.copytree(its, mine)

    def trees(self):
        return tree(self.server), tree(self.client)

    def stored(self):
        found = set()
        for folder in (self.server, self.client):
            self.run("versions", "--json", folder)
            found.update(word.split('"')[0]
                         for word in self.said.split('"sha256":"')[1:])
        return found

    def left(self):
        return [os.path.join(folder, name)
                for folder in (self.server, self.client)
                for name in os.listdir(folder + "/.dsync/stage")]


def prepare():
    start, whole = Pair("start"), Pair("whole")
    fill(start.server, "server")
    fill(start.client, "client")
    saved = hashes(*start.trees())
    # Both sides write over this one: then it was not dsync that did.
    write(start.server, "both.md", b"both\n")
    start.sync()
    assert start.code == 0, start.said
    change(start.server, "server", 1767323045)
    change(start.client, "client", 1767323046)
    saved |= hashes(*start.trees())
    whole.begin(start)
    cut = whole.sync()
    assert whole.code == 0 and not cut, whole.said
    server, client = whole.trees()
    assert server == client and len(server) > 15, "not the same without a cut"
    return start, server, saved, whole.noted


def faults(pair, want, saved, cut):
    """What is wrong after a run, cut or not, and the one after it."""
    server, client = pair.trees()
    if pair.code not in (0, LOST) or (pair.code == LOST) > cut:
        yield f"exit {pair.code}"
    if pair.code == 0 and not server == client == want:
        yield "exit 0, and not in sync"
    if "hung" in pair.noted:
        yield "the peer did not end"
    if pair.left():
        yield f"left: {pair.left()}"
    if not hashes(server, client) <= saved:
        yield "a file is not a whole one"
    pair.sync()
    server, client = pair.trees()
    if pair.code != 0:
        yield f"the next run: exit {pair.code}"
    for name, side in (("server", server), ("client", client)):
        if side != want:
            yield f"the next run, {name}: " + str(
                set(side.items()) ^ set(want.items()))
    if pair.left():
        yield f"left by the next run: {pair.left()}"
    lost = saved - hashes(server, client) - pair.stored()
    if lost:
        yield f"lost: {lost}"


class Sweep:
    def __init__(self, start, want, saved):
        self.start, self.want, self.saved = start, want, saved
        self.lock = threading.Lock()
        self.cuts = self.failed = 0

    def try_one(self, pair, mode, n):
        """False if the link ended before it could be cut."""
        pair.begin(self.start)
        cut = pair.sync(mode, n)
        about = pair.noted
        said = pair.said
        wrong = list(faults(pair, self.want, self.saved, cut))
        with self.lock:
            self.cuts += cut
            self.failed += bool(wrong)
            for fault in wrong:
                print(f"FAIL: {mode} {n} ({about}): {fault}\n{said}{pair.said}")
        return cut

    def worker(self, number, mode):
        pair = Pair(f"{mode}{number}")
        n = number * STRIDE
        while self.failed < 5 and self.try_one(pair, mode, n):
            n += WORKERS * STRIDE

    def cut_all(self, mode):
        threads = [threading.Thread(target=self.worker, args=(i, mode))
                   for i in range(WORKERS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()


def main():
    start, want, saved, noted = prepare()
    print(f"a session without a cut: {noted}")
    sweep = Sweep(start, want, saved)
    for mode, n in (("bytes", 0), ("hold", 5)):
        sweep.try_one(Pair(mode), mode, n)
    for mode in ("up", "down"):
        sweep.cut_all(mode)
    total = sum(int(word) for word in noted.split() if word.isdigit())
    print(f"cut {sweep.cuts} times, every {STRIDE} bytes")
    if sweep.failed == 0 and sweep.cuts < total // STRIDE - 2:
        print("FAIL: that is not all of it")
        sweep.failed += 1
    return sweep.failed > 0


if __name__ == "__main__":
    sys.exit(main())
