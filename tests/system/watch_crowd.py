#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Clients that watch one server's folder while people edit in all of them.

    watch_crowd.py DSYNC RELAY RSH FOLDER SECONDS SEED CLIENTS

As crowd.py, of which this is a variant, but each client is one dsync watch.
Its sessions, their peers, and the whole of it are killed again and again; who
is killed as a whole is started again.  When nobody edits any more all become
equal by themselves.
"""

import glob
import os
import subprocess
import sys
import time

import crowd

PEER, STOPPED, BUSY = 5, 20, 42
SOON = 60  # seconds, from the last edit on


def children(pid):
    found = []
    for path in glob.glob("/proc/[0-9]*/stat"):
        try:
            with open(path, encoding="utf-8", errors="replace") as f:
                about = f.read()
        except OSError:
            continue  # it has ended
        if int(about.rsplit(")", 1)[1].split()[1]) == pid:
            found.append(int(path.split("/")[2]))
    return found


def kill(pid):
    try:
        os.kill(pid, 9)
        return 1
    except ProcessLookupError:
        return 0


class Watcher(crowd.Client):
    """Watches one folder, and has bad luck."""

    def __init__(self, number, stop):
        super().__init__(number, stop)
        self.said = f"{self.folder}.said"
        self.process = None

    def start_watch(self):
        self.runs += 1
        with open(self.said, "wb") as said:
            self.process = subprocess.Popen(
                [crowd.DSYNC, "watch", "--max-delete=100000", "--interval=5",
                 f"--name={self.name}", "-e", f"{crowd.RSH} -p {self.pid}",
                 crowd.REMOTE, self.folder],
                stdin=subprocess.DEVNULL, stdout=said, stderr=said)

    def keep_alive(self):
        """It ends by itself if its first peer was killed, or a killed one that
        went before still holds the folder."""
        code = None if self.process is None else self.process.poll()
        if self.process is not None and code is None:
            return
        if code not in (None, PEER, BUSY, -9):
            with open(self.said, encoding="utf-8") as f:
                self.faults.append(f"exit {code}: {f.read()[-2000:]}")
        self.start_watch()

    def kill_session(self):
        for pid in children(self.process.pid):
            self.kills += kill(pid)

    def kill_peer(self):
        try:
            with open(self.pid, encoding="ascii") as f:
                peer = int(f.read())
            os.unlink(self.pid)
            self.kills += kill(peer)
        except (FileNotFoundError, ValueError):
            pass  # not there yet, or no more

    def kill_all(self):
        self.kills += kill(self.process.pid)
        self.process.wait()

    def run(self):
        try:
            self.keep_alive()
            while not self.stop.wait(self.dice.uniform(0.1, 3)):
                self.dice.choice((self.kill_session, self.kill_peer,
                                  self.kill_all, lambda: None))()
                self.keep_alive()
        except Exception as e:  # pylint: disable=broad-except
            self.faults.append(repr(e))

    def end(self):
        self.process.terminate()
        try:
            code = self.process.wait(timeout=crowd.PATIENCE)
        except subprocess.TimeoutExpired:
            self.kill_session()
            self.kill_all()
            code = "none, it hangs"
        if code != STOPPED:
            self.faults.append(f"at the end, exit {code}")


class Play(crowd.Play):
    def is_equal(self):
        try:
            want = crowd.tree(self.server)
            return all(crowd.tree(c.folder) == want for c in self.clients)
        except FileNotFoundError:
            return False  # it went while we looked

    def play(self):
        super().play()
        began = time.monotonic()
        while not self.is_equal() and time.monotonic() < began + SOON:
            for client in self.clients:
                client.keep_alive()
            time.sleep(0.1)
        took = time.monotonic() - began
        if not self.is_equal():
            self.fail(f"not equal {SOON} s after the last edit")
            self.check_equal()
        print(f"equal {took:.1f} s after the last edit")
        for client in self.clients:
            client.end()


if __name__ == "__main__":
    print(f"seed {crowd.SEED}: SEED={crowd.SEED} plays it again, "
          "as far as the clock does")
    crowd.Client, crowd.CLIENTS = Watcher, int(sys.argv[7])
    sys.exit(Play().main())
