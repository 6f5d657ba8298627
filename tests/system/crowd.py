#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Many clients of one server, and people who edit in all the folders.

    crowd.py DSYNC RELAY RSH FOLDER SECONDS SEED

In each client's folder, and in the server's, somebody creates, edits, renames
and deletes files while the client syncs again and again, over links that are
cut and with clients and peers that are killed.  At the end all are synced until
nothing is left to do: then all are equal, and of all that was ever saved nothing
is lost: it is somewhere, or in a store, unless the one who saved it replaced or
deleted it before anybody else had seen it.
"""

import ctypes
import errno
import hashlib
import json
import os
import random
import subprocess
import sys
import threading
import time

DSYNC, RELAY, RSH, WORK = map(os.path.abspath, sys.argv[1:5])
SECONDS, SEED = float(sys.argv[5]), int(sys.argv[6])
CLIENTS = 8
PATIENCE = 120  # seconds, for a run of some hundredths of one
REMOTE = "host:/preset/notes"
NOREPLACE, EXCHANGE = 1, 2
# In sync; the peer was killed before a word; the link was cut; a file is
# being edited all the time; and for those that were killed.
EXPECTED = {0, 5, 10, 23, -9}

libc = ctypes.CDLL(None, use_errno=True)


def rename(old, new, flags):
    if libc.renameat2(-100, os.fsencode(old), -100, os.fsencode(new),
                      flags) != 0:
        raise OSError(ctypes.get_errno(), "rename", new)


def sha256(data):
    return hashlib.sha256(data).hexdigest()


class Editor(threading.Thread):
    """Saves as editors do, and knows what it displaced itself."""

    def __init__(self, name, folder, stop):
        super().__init__()
        self.name, self.folder, self.stop = name, folder, stop
        self.dice = random.Random(f"{SEED} {name}")
        self.number = 0
        self.saved = {}  # hash: what it was
        self.displaced = set()
        self.fault = None

    def path(self):
        """Few names, so that many meet; some in folders, and below."""
        roll = self.dice.randrange(30)
        where = ("", "", "notes/", "notes/deep/", f"by-{self.name}/")
        return f"{self.folder}/{self.dice.choice(where)}{roll}.md"

    def beside(self, path):
        os.makedirs(os.path.dirname(path), exist_ok=True)
        return os.path.join(os.path.dirname(path), f".{self.name}.edit")

    def save(self, path):
        self.number += 1
        more = self.dice.choice((0, 0, 3, 60, 3000))
        data = f"{self.name} {self.number}\n" + "and so on\n" * more
        self.saved[sha256(data.encode())] = f"{path}: {data[:30]!r}"
        beside = self.beside(path)
        with open(beside, "wb") as f:
            f.write(data.encode())
        while True:
            try:
                rename(beside, path, NOREPLACE)
                return
            except OSError as e:
                if e.errno != errno.EEXIST:
                    raise
            try:
                rename(beside, path, EXCHANGE)
                return self.throw_away(beside)
            except FileNotFoundError:
                pass

    def throw_away(self, beside):
        with open(beside, "rb") as f:
            self.displaced.add(sha256(f.read()))
        os.unlink(beside)

    def delete(self, path):
        beside = self.beside(path)
        os.rename(path, beside)
        self.throw_away(beside)

    def move(self, path):
        rename(path, self.path(), NOREPLACE)

    def step(self):
        path = self.path()
        act = self.dice.choices((self.save, self.delete, self.move),
                                (8, 1, 2))[0]
        try:
            act(path)
        except (FileNotFoundError, FileExistsError, NotADirectoryError,
                IsADirectoryError):
            pass  # there is no such file, or dsync was faster

    def run(self):
        try:
            while not self.stop.wait(self.dice.uniform(0.0, 0.06)):
                self.step()
            self.tidy()
        except Exception as e:  # pylint: disable=broad-except
            self.fault = repr(e)

    def tidy(self):
        """What a save left beside, when its folder went away."""
        for top, _, files in os.walk(self.folder):
            if ".dsync" not in top and f".{self.name}.edit" in files:
                self.throw_away(os.path.join(top, f".{self.name}.edit"))


class Client(threading.Thread):
    """Syncs one folder all the time, and has bad luck."""

    def __init__(self, number, stop):
        super().__init__()
        self.name = f"client{number}"
        self.folder = f"{WORK}/{self.name}"
        self.log, self.pid = self.folder + ".log", self.folder + ".pid"
        self.stop = stop
        self.dice = random.Random(f"{SEED} sync {self.name}")
        self.runs = self.cuts = self.kills = 0
        self.faults = []
        os.makedirs(self.folder)

    def start_run(self, rsh, *more):
        self.runs += 1
        return subprocess.Popen(
            [DSYNC, "sync", "--json", "--max-delete=100000",
             f"--name={self.name}", *more, "-e", rsh, REMOTE, self.folder],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT)

    def finish(self, process):
        try:
            said, _ = process.communicate(timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            said, _ = process.communicate()
            self.faults.append(f"hangs: {said.decode()}")
        code, said = process.returncode, said.decode("utf-8", "replace")
        if code not in EXPECTED:
            self.faults.append(f"exit {code}: {said}")
        return code, said

    def cut(self):
        mode = self.dice.choice(("up", "down"))
        limit = int(2 ** self.dice.uniform(0, 15))
        self.finish(self.start_run(f"{RELAY} {mode} {limit} {self.log}"))
        self.cuts += 1

    def kill_client(self):
        process = self.start_run(RSH)
        time.sleep(self.dice.uniform(0.0, 0.06))
        process.kill()
        self.finish(process)
        self.kills += 1

    def kill_peer(self):
        process = self.start_run(f"{RSH} -p {self.pid}")
        time.sleep(self.dice.uniform(0.0, 0.06))
        try:
            with open(self.pid, encoding="ascii") as f:
                peer = int(f.read())
            os.unlink(self.pid)
            if process.poll() is None:
                os.kill(peer, 9)
        except (FileNotFoundError, ProcessLookupError, ValueError):
            pass  # not there yet, or no more
        self.finish(process)
        self.kills += 1

    def run(self):
        try:
            while not self.stop.is_set():
                act = self.dice.choices(
                    (lambda: self.finish(self.start_run(RSH)), self.cut,
                     self.kill_client, self.kill_peer), (6, 2, 1, 1))[0]
                act()
        except Exception as e:  # pylint: disable=broad-except
            self.faults.append(repr(e))


def tree(folder):
    seen = {}
    for top, folders, files in os.walk(folder):
        folders[:] = [n for n in folders if n != ".dsync"]
        for name in folders:
            seen[os.path.relpath(os.path.join(top, name), folder)] = "folder"
        for name in files:
            path = os.path.join(top, name)
            with open(path, "rb") as f:
                data = f.read()
            seen[os.path.relpath(path, folder)] = (
                sha256(data), os.stat(path).st_mtime_ns)
    return seen


def told(command, folder):
    """The objects that a command prints."""
    done = subprocess.run([DSYNC, command, "--json", folder], check=True,
                          stdin=subprocess.DEVNULL, capture_output=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


class Play:
    def __init__(self):
        self.stop = threading.Event()
        self.server = WORK + "/server"
        self.failed = 0
        config = WORK + "/home/.config/dsync"
        os.makedirs(config)
        os.makedirs(self.server)
        os.environ["HOME"] = WORK + "/home"
        os.environ["DSYNC_REMOTE_PATH"] = DSYNC
        os.environ.pop("XDG_CONFIG_HOME", None)
        with open(config + "/presets.conf", "w", encoding="ascii") as f:
            f.write(f"[preset notes]\npath = {self.server}\naccess = full\n")
        self.clients = [Client(i, self.stop) for i in range(CLIENTS)]
        self.editors = [Editor(c.name, c.folder, self.stop)
                        for c in self.clients]
        self.editors.append(Editor("server", self.server, self.stop))
        self.folders = [self.server] + [c.folder for c in self.clients]

    def fail(self, text):
        print(f"FAIL: {text}"[:4000])
        self.failed += 1

    def play(self):
        for thread in self.clients + self.editors:
            thread.start()
        time.sleep(SECONDS)
        self.stop.set()
        for thread in self.clients + self.editors:
            thread.join()
        for editor in self.editors:
            if editor.fault:
                self.fail(f"the editor {editor.name}: {editor.fault}")

    def settle(self):
        """Rounds of syncs, until one of them has nothing to do."""
        for number in range(1, 12):
            busy = 0
            for client in self.clients:
                code, said = client.finish(client.start_run(RSH))
                if code != 0:
                    self.fail(f"{client.name}, still: exit {code}: {said}")
                lines = said.strip().splitlines()
                busy += any('"event":"change"' in line or
                            '"event":"conflict"' in line or
                            '"event":"move"' in line for line in lines)
                summary = json.loads(lines[-1])
                busy += not summary.get("in_sync")
            if busy == 0:
                return print(f"quiet after {number} rounds")
        return self.fail("it does not come to rest")

    def check_equal(self):
        want = tree(self.server)
        if len(want) < 20:
            self.fail(f"only {len(want)} names are left")
        for client in self.clients:
            its = tree(client.folder)
            if its != want:
                self.fail(f"{client.name} is not as the server: "
                          f"{sorted(set(its.items()) ^ set(want.items()))}")
        for folder in self.folders:
            left = os.listdir(folder + "/.dsync/stage")
            if left:
                self.fail(f"left in {folder}: {left}")

    def check_kept(self):
        have = {about[0] for folder in self.folders
                for about in tree(folder).values()}
        for folder in self.folders:
            have |= {v["sha256"] for v in told("versions", folder)
                     if "sha256" in v}
        for editor in self.editors:
            for lost in set(editor.saved) - editor.displaced - have:
                self.fail(f"lost: {lost} {editor.saved[lost]}")

    def check_log(self):
        """The server's log tells of each version who made it so, and why.

        What another peer saw in the folder before its maker's peer could write
        it down, or because that was killed, was found there by the server.
        """
        by = {h: e.name for e in self.editors for h in e.saved}
        names = {e.name for e in self.editors}
        known, found = set(), 0
        for line in reversed(told("log", self.server)):
            if line.get("who") not in names or not line.get("why"):
                self.fail(f"the log does not say who and why: {line}")
            made = line.get("after")
            if made not in by or made in known:
                continue
            known.add(made)
            if line["who"] == "server" and by[made] != "server":
                found += 1
            elif line["who"] != by[made]:
                self.fail(f"made by {by[made]}, not so: {line}")
        print(f"the log names the maker of {len(known) - found}, "
              f"and {found} were found")

    def main(self):
        self.play()
        self.settle()
        self.check_equal()
        self.check_kept()
        self.check_log()
        for client in self.clients:
            for fault in client.faults:
                self.fail(f"{client.name}: {fault}")
        print(sum(len(e.saved) for e in self.editors), "saves,",
              sum(c.runs for c in self.clients), "runs,",
              sum(c.cuts for c in self.clients), "cuts,",
              sum(c.kills for c in self.clients), "kills")
        return self.failed > 0


if __name__ == "__main__":
    print(f"seed {SEED}: SEED={SEED} plays it again, as far as the clock does")
    sys.exit(Play().main())
