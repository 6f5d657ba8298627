# SPDX-License-Identifier: MIT
"""The programs that are compared: what is typed, and what they remember."""

import glob
import os
import shutil


class Tool:
    def __init__(self, place):
        self.place = place

    def offer(self, pair):
        """The server is told of the folder."""

    def forget(self, pair):
        """What the tool knows of earlier runs is gone, on both sides."""

    def ssh(self):
        return f"ssh -F {self.place.settings}"


class Rsync(Tool):
    name, options = "rsync -a", "-a"

    def command(self, pair):
        # The exclusion is for the rows in which all tools share a pair.
        return ["rsync", self.options, "--delete", "--exclude=/.dsync",
                "-e", self.ssh(), pair.here + "/", f"box:{pair.there}/"]


class RsyncZ(Rsync):
    name, options = "rsync -az", "-az"


class Unison(Tool):
    name = "unison"

    def command(self, pair):
        return ["unison", pair.here, f"ssh://box/{pair.there}",
                "-ui", "text", "-batch", "-auto", "-times", "-silent",
                "-confirmbigdel=false", "-ignore", "Path .dsync",
                "-sshargs", f"-F {self.place.settings}"]

    def forget(self, pair):
        for side in self.place.unison:
            for path in glob.glob(os.path.join(side, "*")):
                os.unlink(path)


class Dsync(Tool):
    name, link = "dsync", []

    def command(self, pair):
        return [self.place.dsync, "sync", "-q", "--max-size=2G",
                f"--remote-path={self.place.dsync}", *self.link,
                f"box:/preset/{pair.name}", pair.here]

    def offer(self, pair):
        pair.place.preset(pair.name, pair.there)

    def forget(self, pair):
        for side in pair.here, pair.there:
            shutil.rmtree(os.path.join(side, ".dsync"), ignore_errors=True)


class DsyncRsh(Dsync):
    name = "dsync -e ssh"

    @property
    def link(self):
        return ["-e", self.ssh()]


ALL = [Rsync, RsyncZ, Unison, Dsync, DsyncRsh]
