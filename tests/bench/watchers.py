# SPDX-License-Identifier: MIT
"""The programs that stay, and what they and all they started cost so far."""

import contextlib
import os
import shutil
import signal
import subprocess
import time

import place

TICKS = os.sysconf("SC_CLK_TCK")
REST = 300  # seconds, until a program that was started rests
SOON = 60  # and until it has ended


class Use:
    """CPU seconds, and how often they gave the CPU away to wait."""

    def __init__(self, cpu=0.0, waits=0):
        self.cpu, self.waits = cpu, waits

    def __add__(self, other):
        return Use(self.cpu + other.cpu, self.waits + other.waits)

    def __sub__(self, other):
        return Use(self.cpu - other.cpu, self.waits - other.waits)


def stat_fields(pid):
    """From the state on, which is the third; a name may hold anything."""
    with open(f"/proc/{pid}/stat", encoding="utf-8",
              errors="replace") as file:
        return file.read().rpartition(") ")[2].split()


def children():
    """Of every process, by its number."""
    found = {}
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            parent = int(stat_fields(name)[1])
        except (FileNotFoundError, ProcessLookupError):
            continue
        found.setdefault(parent, []).append(int(name))
    return found


def below(pid, tree):
    for child in tree.get(pid, []):
        yield child
        yield from below(child, tree)


def waits(path):
    with open(path, encoding="ascii", errors="replace") as file:
        for line in file:
            if line.startswith("voluntary_ctxt_switches:"):
                return int(line.split()[1])
    return 0


def use(pid):
    fields = stat_fields(pid)
    threads = f"/proc/{pid}/task"
    return Use((int(fields[11]) + int(fields[12])) / TICKS,
               sum(waits(f"{threads}/{thread}/status")
                   for thread in os.listdir(threads)))


def use_of_all(pid, tree):
    """Its own, and of all that it started and that is still there."""
    return sum(map(use, (pid, *below(pid, tree))), Use())


def end(process):
    """Who does not go when told to goes with all that it started."""
    try:
        process.wait(SOON)
    except subprocess.TimeoutExpired:
        for pid in (*below(process.pid, children()), process.pid):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        process.wait()


class Watcher:
    """One of them, at work on a pair of folders."""

    both_ways = True
    outside = (False,)  # where a new version is written, before it is renamed
    look = 0.01  # seconds between two looks whether it rests

    def __init__(self, where, pair, **more):
        self.place, self.pair, self.more = where, pair, more
        self.said = where.figure("said")
        self.processes = []

    @classmethod
    def title(cls):
        return cls.name

    def __enter__(self):
        """It is started, and rests."""
        self.offer()
        self.place.write(self.place.figure("wire"), "")
        os.sync()
        try:
            self.start()
            self.rest()
        except BaseException:
            self.stop()
            raise
        return self

    def start(self):
        with open(self.said, "w", encoding="ascii") as out:
            for command in self.commands():
                self.processes.append(subprocess.Popen(
                    command, env=self.place.env, cwd=self.place.home,
                    stdin=subprocess.DEVNULL, stdout=out,
                    stderr=subprocess.STDOUT))

    def __exit__(self, *_):
        self.stop()

    def offer(self):
        """What it wants to find before it is started."""

    def text(self):
        """What it has said so far."""
        with open(self.said, encoding="utf-8", errors="replace") as file:
            return file.read()

    def rest(self):
        until = time.monotonic() + REST
        while not self.rests():
            self.alive()
            if time.monotonic() > until:
                self.trouble("never rests")
            time.sleep(self.look)

    def rests(self):
        return self.resting in self.text()

    def alive(self):
        for process in self.processes:
            if process.poll() is not None:
                self.trouble(f"has ended: {process.returncode}")

    def trouble(self, what):
        raise place.Trouble(f"{self.name}: {what}:\n{self.text()[-2000:]}")

    def stop(self):
        for process in self.processes:
            process.terminate()
        for process in self.processes:
            end(process)
        self.unlinked()

    def unlinked(self):
        """What it had on the server has ended, too."""
        if self.place.relay.poll() is None:
            self.place.wire_ended()

    # What it costs.

    def serving(self, tree):
        """The relay's processes, one a connection; each has started a meter,
        and that the server."""
        return tree.get(self.place.relay.pid, [])

    def use(self):
        """Of the processes here, and of those there, sshd's with them."""
        tree = children()
        here = [process.pid for process in self.processes]
        there = [pid for relay in self.serving(tree)
                 for meter in tree.get(relay, [])
                 for pid in tree.get(meter, [])]
        return [sum((use_of_all(pid, tree) for pid in side), Use())
                for side in (here, there)]

    def wire(self):
        """Bytes up and down together: all that the relay reads."""
        total = 0
        for relay in self.serving(children()):
            with open(f"/proc/{relay}/io", encoding="ascii") as file:
                total += int(file.readline().split()[1])
        return total


class Dsync(Watcher):
    name, resting = "dsync watch", "watching: "

    def offer(self):
        self.place.preset(self.pair.name, self.pair.there)

    def commands(self):
        return [[self.place.dsync, "watch",
                 f"--interval={self.more['interval']}",
                 f"--settle={self.more['settle']}",
                 f"--remote-path={self.place.dsync}",
                 f"box:/preset/{self.pair.name}", self.pair.here]]

    @staticmethod
    def missing():
        return None


LSYNCD = """\
settings {{ nodaemon = true }}
sync {{
    default.rsync,
    source = "{here}",
    target = "box:{there}",
    delay = 0,
    rsync = {{ archive = true, rsh = "ssh -F {ssh}" }},
}}
"""


class Lsyncd(Watcher):
    """It starts an rsync, with a connection of its own, for what happened."""

    name, resting, both_ways = "lsyncd, delay 0", " finished.", False
    outside = False, True

    def settings(self):
        return self.place.figure("lsyncd.lua")

    def offer(self):
        self.place.write(self.settings(), LSYNCD.format(
            here=self.pair.here, there=self.pair.there,
            ssh=self.place.settings))

    def commands(self):
        return [["lsyncd", "-nodaemon", self.settings()]]

    @staticmethod
    def missing():
        absent = [name for name in ("lsyncd", "rsync")
                  if not shutil.which(name)]
        return "no " + " and no ".join(absent) + " here" if absent else None
