# SPDX-License-Identifier: MIT
"""syncthing, which has no client and no server: two devices of one machine.

Each has a home of its own beside the pair's folders.  They talk TLS over TCP
to each other, on loopback, and not through the sshd and the relay that all
others go through: so there is no figure for the wire, and no cost of SSH.  As
with the others it is the side of the client that calls.

It is told to wait no longer than it has to before it looks at what the kernel
has reported, and not to be nicer than the others are; all that would leave
this machine is off, and the rest is as it comes.
"""

import http.client
import json
import os
import re
import secrets
import shutil
import socket
import subprocess
import xml.etree.ElementTree
from xml.sax.saxutils import quoteattr

import watchers
from place import Trouble

# The folder's marker: without it syncthing takes the disk for not mounted.
MARKER = ".stfolder"
FRACTIONS = 1, 23, 3  # the first that takes a part of a second to wait

CONFIG = """\
<configuration version="{version}">
    <device id="{own}"></device>
    <device id="{other}">
        <address>{address}</address>
    </device>
    <folder id="bench" path={path} type="sendreceive"
            rescanIntervalS="{interval}" fsWatcherEnabled="true"
            fsWatcherDelayS="{delay}">
        <device id="{own}"></device>
        <device id="{other}"></device>
    </folder>
    <gui enabled="true" tls="false">
        <address>127.0.0.1:{api}</address>
        <apikey>{key}</apikey>
    </gui>
    <options>
        <listenAddress>tcp://127.0.0.1:{port}</listenAddress>
        <globalAnnounceEnabled>false</globalAnnounceEnabled>
        <localAnnounceEnabled>false</localAnnounceEnabled>
        <relaysEnabled>false</relaysEnabled>
        <natEnabled>false</natEnabled>
        <reconnectionIntervalS>5</reconnectionIntervalS>
        <startBrowser>false</startBrowser>
        <autoUpgradeIntervalH>0</autoUpgradeIntervalH>
        <crashReportingEnabled>false</crashReportingEnabled>
        <urAccepted>-1</urAccepted>
        <setLowPriority>false</setLowPriority>
    </options>
</configuration>
"""


def version():
    said = subprocess.run(["syncthing", "--version"], stdout=subprocess.PIPE,
                          text=True, check=True).stdout
    return tuple(map(int, re.match(r"syncthing v(\d+)\.(\d+)\.(\d+)",
                                   said).groups()))


def shortest_delay():
    return 0.01 if version() >= FRACTIONS else 1


def free_ports(count):
    """None of them twice; they are free until somebody else takes them."""
    held = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [one.getsockname()[1] for one in held]
    for one in held:
        one.close()
    return ports


def generate(place, home):
    """The keys, and a config.xml that is good for its version."""
    ran = subprocess.run(["syncthing", "generate", f"--home={home}"],
                         env=place.env, stdout=subprocess.PIPE,
                         stderr=subprocess.STDOUT, text=True, check=False)
    if ran.returncode != 0:
        raise Trouble(f"syncthing generate: {ran.stdout[-2000:]}")


class Device:
    """What one of the two is known by, and where it is asked."""

    def __init__(self, place, home, path):
        self.home, self.path = home, path
        self.key = secrets.token_hex(16)
        self.api, self.port = free_ports(2)
        if not os.path.exists(self.settings()):
            generate(place, home)
        # It is the first there, in what was generated as in what is written.
        root = xml.etree.ElementTree.parse(self.settings()).getroot()
        self.version, self.id = root.get("version"), root.find("device").get(
            "id")

    def settings(self):
        return os.path.join(self.home, "config.xml")

    def configure(self, place, other, address, interval):
        os.makedirs(os.path.join(self.path, MARKER), exist_ok=True)
        place.write(self.settings(), CONFIG.format(
            version=self.version, own=self.id, other=other.id,
            address=address, path=quoteattr(self.path), interval=interval,
            delay=shortest_delay(), api=self.api, key=self.key,
            port=self.port))

    def command(self):
        return ["syncthing", "serve", f"--home={self.home}", "--no-browser",
                "--no-restart"]

    def ask(self, what):
        """The answer; an empty one while it does not answer this yet."""
        link = http.client.HTTPConnection("127.0.0.1", self.api,
                                          timeout=watchers.SOON)
        try:
            link.request("GET", f"/rest/{what}",
                         headers={"X-API-Key": self.key})
            answer = link.getresponse()
            return json.load(answer) if answer.status == 200 else {}
        except ConnectionError:
            return {}
        finally:
            link.close()

    def level(self, other):
        """Is it linked to the other one, and does it watch, and hold what is
        anywhere, and know that the other one does, too?"""
        links = self.ask("system/connections").get("connections", {})
        if not links.get(other.id, {}).get("connected"):
            return False
        folder = self.ask("db/status?folder=bench")
        if (folder.get("state") != "idle" or folder.get("watchError")
                or folder["needTotalItems"]):
            return False
        there = self.ask(f"db/completion?folder=bench&device={other.id}")
        return there.get("completion") == 100


class Syncthing(watchers.Watcher):
    name, look = "syncthing", 0.2

    def __init__(self, where, pair, **more):
        super().__init__(where, pair, **more)
        self.devices = []

    @classmethod
    def title(cls):
        return (f"{cls.name} {'.'.join(map(str, version()))}, "
                f"fsWatcherDelayS={shortest_delay()}; over its own TLS, not "
                "over SSH")

    def offer(self):
        here, there = self.devices = [
            Device(self.place, f"{path}.syncthing", path)
            for path in (self.pair.here, self.pair.there)]
        interval = self.more["interval"]
        here.configure(self.place, there, f"tcp://127.0.0.1:{there.port}",
                       interval)
        # Nothing announces the other one, so this one cannot call.
        there.configure(self.place, here, "dynamic", interval)

    def commands(self):
        return [device.command() for device in self.devices]

    def rests(self):
        """An earlier run's state is theirs until they have looked."""
        here, there = self.devices
        return (self.text().count("Completed initial scan") == 2 and
                here.level(there) and there.level(here))

    def unlinked(self):
        """Nothing of it was on the server."""

    def use(self):
        tree = watchers.children()
        return [watchers.use_of_all(process.pid, tree)
                for process in self.processes]

    def wire(self):
        return None

    @staticmethod
    def missing():
        return None if shutil.which("syncthing") else "no syncthing here"
