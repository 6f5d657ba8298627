# SPDX-License-Identifier: MIT
"""Where it happens: trees, a private server, a wire, and what it all costs."""

import os
import shutil
import subprocess
import time

import notes

PATIENCE = 60  # seconds, for a server whose client has ended

SSHD = """\
HostKey {server}/host
AuthorizedKeysFile {server}/authorized_keys
PidFile none
StrictModes no
UsePAM no
PermitRootLogin yes
PasswordAuthentication no
KbdInteractiveAuthentication no
PrintMotd no
LogLevel ERROR
SetEnv PATH={path} HOME={server} XDG_CONFIG_HOME={server} UNISON={unison}
"""

SSH = """\
Host box
    HostName 127.0.0.1
    Port {port}
    IdentityFile {home}/.ssh/id_ed25519
    UserKnownHostsFile {home}/.ssh/known_hosts
    GlobalKnownHostsFile /dev/null
"""


class Trouble(Exception):
    pass


class Cost:
    """What one run has cost; KiB of the largest process on each side, and
    CPU with ssh and sshd."""

    def __init__(self, wall, here, there, wire):
        self.wall = wall
        self.cpu_here, self.rss_here = here
        self.cpu_there, self.rss_there = there
        self.up, self.down = wire
        self.cpu = self.cpu_here + self.cpu_there
        self.wire = self.up + self.down


class Pair:
    """Two folders that one tool keeps the same."""

    def __init__(self, place, name, seed):
        self.place, self.name = place, name
        self.folder = os.path.join(place.work, name)
        self.here = os.path.join(self.folder, "here")
        self.there = os.path.join(self.folder, "there")
        self.emptied = 0
        os.mkdir(self.folder)
        copy(seed, self.here)
        copy(seed, self.there)

    def empty_there(self):
        """A new folder: ext4 is slow in making files for some minutes after
        it had to remove many, so what was there stays until the end."""
        self.emptied += 1
        os.rename(self.there, f"{self.there}.{self.emptied}")
        os.mkdir(self.there)

    def check(self):
        """Both sides hold the same files with the same contents."""
        differ = subprocess.run(
            ["diff", "-rq", "--exclude=.dsync", self.here, self.there],
            stdout=subprocess.PIPE, text=True, check=False)
        if differ.returncode != 0:
            raise Trouble(f"the trees differ:\n{differ.stdout[:1000]}")

    def untimely(self):
        """The files whose times differ, by a second or more."""
        here, there = times(self.here), times(self.there)
        return [name for name in here if here[name] != there[name]]

    def level(self):
        for name in self.untimely():
            stat = os.stat(self.here + name)
            os.utime(self.there + name, ns=(stat.st_atime_ns,
                                            stat.st_mtime_ns))


def times(root):
    return {entry.path[len(root):]: int(entry.stat().st_mtime)
            for entry in notes.entries(root)}


def copy(source, target):
    subprocess.run(["cp", "-a", source, target], check=True)


def lines(path):
    if not os.path.exists(path):
        return []
    with open(path, encoding="ascii") as file:
        return [line.split() for line in file]


class Place:
    def __init__(self, work, dsync, helpers):
        self.work, self.dsync = work, dsync
        self.meter = os.path.join(helpers, "meter")
        self.wire = os.path.join(helpers, "wire")
        self.home, self.server = self.sub("home"), self.sub("server")
        self.unison = self.sub("unison-here"), self.sub("unison-there")
        self.settings = os.path.join(self.sub("home/.ssh"), "config")
        self.figures = self.sub("figures")
        self.seeds, self.pairs, self.presets = {}, {}, {}
        self.sub("server/dsync")
        self.env = {"HOME": self.home, "PATH": os.environ["PATH"],
                    "LC_ALL": "C.UTF-8", "UNISON": self.unison[0]}
        self.relay = None

    def sub(self, name):
        path = os.path.join(self.work, name)
        os.mkdir(path)
        return path

    def figure(self, name):
        return os.path.join(self.figures, name)

    def write(self, path, text):
        with open(path, "w", encoding="ascii") as file:
            file.write(text)

    # The server and the way to it.

    def start(self):
        sshd = shutil.which("sshd") or "/usr/sbin/sshd"
        keys = os.path.join(self.server, "host"), self.home_key()
        for key in keys:
            subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "",
                            "-C", "", "-f", key], check=True)
        shutil.copy(keys[1] + ".pub", f"{self.server}/authorized_keys")
        if os.getuid() == 0:
            os.makedirs("/run/sshd", 0o755, exist_ok=True)
        self.write(f"{self.server}/config", SSHD.format(
            server=self.server, path=os.environ["PATH"],
            unison=self.unison[1]))
        self.link(0, 0)
        # sshd serves one connection a process anyway; so each is metered
        # with all it starts.
        self.relay = subprocess.Popen(
            [self.wire, self.figure("link"), self.figure("wire"),
             self.meter, self.figure("there"),
             sshd, "-i", "-E", f"{self.server}/log",
             "-f", f"{self.server}/config"],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
        port = int(self.relay.stdout.readline())
        self.write(self.settings, SSH.format(port=port, home=self.home))
        with open(f"{self.server}/host.pub", encoding="ascii") as file:
            self.write(f"{self.home}/.ssh/known_hosts",
                       f"[127.0.0.1]:{port} {file.read()}")

    def home_key(self):
        return os.path.join(self.home, ".ssh/id_ed25519")

    def end(self):
        if self.relay:
            self.relay.terminate()
            self.relay.wait()

    def link(self, round_trip_ms, bytes_per_s):
        self.write(self.figure("link"),
                   f"{round_trip_ms * 500} {bytes_per_s}\n")

    def preset(self, name, path):
        self.presets[name] = path
        self.write(f"{self.server}/dsync/presets.conf", "".join(
            f"[preset {name}]\npath = {path}\naccess = full\n"
            "max-file-size = 2G\n" for name, path in self.presets.items()))

    # The trees.

    def seed(self, name, make):
        if name not in self.seeds:
            self.seeds[name] = self.sub(f"seed-{name}")
            make(self.seeds[name])
        return self.seeds[name]

    def pair(self, name, seed, make):
        if name not in self.pairs:
            self.pairs[name] = Pair(self, name, self.seed(seed, make))
        return self.pairs[name]

    def forget(self, pair):
        """Whoever asks for a pair of this name gets new folders."""
        del self.pairs[pair.name]
        os.rename(pair.folder, f"{pair.folder}.{time.monotonic_ns()}")

    # A run.

    def run(self, command):
        """Runs it, and waits until the server is done with it, too."""
        for name in "here", "there", "wire":
            self.write(self.figure(name), "")
        os.sync()
        ran = subprocess.run(
            [self.meter, self.figure("here"), *command], env=self.env,
            cwd=self.home, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, check=False)
        if ran.returncode != 0:
            raise Trouble(f"{' '.join(command)}: exit {ran.returncode}:\n"
                          + ran.stdout.decode(errors="replace")[-2000:])
        return self.cost()

    def cost(self):
        ended = self.wire_ended()
        here, there = (
            [list(map(float, line)) for line in lines(self.figure(name))]
            for name in ("here", "there"))
        return Cost(here[0][0],
                    *((sum(line[1] + line[2] for line in side),
                       max(line[3] for line in side))
                      for side in (here, there)),
                    [sum(int(line[i]) for line in ended) for i in (1, 2)])

    def wire_ended(self):
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            said = lines(self.figure("wire"))
            ended = [line for line in said if line[0] == "closed"]
            if ended and len(ended) * 2 == len(said):
                return ended
            time.sleep(0.01)
        raise Trouble("the server does not end")
