# SPDX-License-Identifier: MIT
"""The work: a row of the table each, with the function that prepares it.

A function gets the pair of folders of the tool whose turn it is, the tool, and
dice that fall the same way for every tool in this round.  Before the first
round all is in sync.
"""

import os
import time

import notes

RSYNC, UNISON = ("rsync -a", "rsync -az"), ("unison",)
KB = 1024


class Row:
    def __init__(self, name, title, tree, prepare, **more):
        self.name, self.title, self.tree = name, title, tree
        self.prepare = prepare
        self.link = more.get("link", (0, 0))  # ms of round trip, bytes a s
        self.rivals = more.get("rivals", RSYNC)
        self.shared = more.get("shared", False)  # one pair for all tools
        self.asked = more.get("asked", False)  # runs by its full name only
        # A time alone may be no change: see run.
        self.times_apart = more.get("times_apart", False)
        # What dsync is to reach: wall and wire as ratios to the better
        # rival, or a wire of so many bytes.
        self.wall, self.wire = more.get("wall"), more.get("wire")


def first(pair, tool, dice):
    tool.forget(pair)
    pair.empty_there()
    tool.offer(pair)


def equal(pair, tool, dice):
    tool.forget(pair)


def nothing(pair, tool, dice):
    pass


def edits(pair, tool, dice):
    paths = notes.files(pair.here)
    for path in dice.sample(paths, len(paths) // 100):
        notes.edit_lines(path, dice, 1)


def append(pair, tool, dice):
    notes.append(notes.files(pair.here)[0], dice, KB)


def scattered(pair, tool, dice):
    notes.edit_lines(notes.files(pair.here)[0], dice, 100)


def one_line(pair, tool, dice):
    notes.edit_lines(os.path.join(pair.here, "twenty.md"), dice, 1)


def rename(pair, tool, dice):
    """The first part of the tree, whatever its name is now."""
    name = min(n for n in os.listdir(pair.here) if n.startswith("part000"))
    os.rename(os.path.join(pair.here, name),
              os.path.join(pair.here, f"part000-{dice.randrange(10**9)}"))


def touched(pair, tool, dice):
    notes.touch_all(pair.here, int(time.time()) - dice.randrange(10**6))


def two_way(pair, tool, dice):
    count = 200
    chosen = dice.sample([os.path.relpath(path, pair.here)
                          for path in notes.files(pair.here)], count)
    for i, name in enumerate(chosen):
        side = pair.here if i < count // 2 else pair.there
        notes.edit_lines(os.path.join(side, name), dice, 1)


def with_twenty(count):
    def make(root):
        notes.small_notes(root, count)
        notes.large_note(root, 20 * KB, "twenty.md")
    return make


def small(count, **more):
    return lambda root: notes.small_notes(root, count, **more)


def large(size):
    return lambda root: notes.large_note(root, size)


def trees(quick):
    """How each tree is made; with quick, twentieths of them."""
    part = 20 if quick else 1
    made = {
        "many": small(50000 // part),
        "some": small(5000 // part),
        "few": with_twenty(1000 // part),
        "large": large((256 << 20) // part),
    }
    for count in SCALE:
        # Small ones, for it is the number that counts.
        made[f"scale-{count}"] = small(count // part, median=100)
    return made


FAR = (50, 0)
SLOW = (50, 20_000_000 // 8)
SCALE = 1000, 10000, 100000, 1000000

ROWS = [
    Row("first", "first sync of 50,000 small files (190 MB)",
        "many", first, wall=1.0, wire=0.9),
    Row("equal", "the same, both sides equal, nothing remembered",
        "many", equal, wall=1.2, wire=64 * KB),
    Row("nothing", "nothing changed, 50,000 files",
        "many", nothing, wall=0.5, wire=12 * KB),
    Row("nothing-far", "nothing changed, 50 ms round trip",
        "many", nothing, link=FAR, wall=0.17, wire=12 * KB),
    Row("edits", "1 % of 50,000 files edited by a line",
        "many", edits, wall=0.6, wire=0.05),
    Row("edits-far", "the same at 50 ms",
        "many", edits, link=FAR, wall=0.2, wire=0.05),
    Row("first-slow", "first sync of 5,000 files at 50 ms, 20 Mbit/s",
        "some", first, link=SLOW, wall=0.95, wire=0.9),
    Row("append", "1 KB appended to 256 MB",
        "large", append, wall=0.9, wire=0.1),
    Row("scattered", "100 scattered edits in 256 MB",
        "large", scattered, wall=1.3, wire=0.35),
    Row("one-line", "one line changed in a 20 KB file among 1,000",
        "few", one_line, wall=0.5, wire=12 * KB),
    Row("rename", "a folder with 5,000 files renamed",
        "many", rename, wall=0.6, wire=0.05),
    Row("touched", "all 50,000 mtimes touched",
        "many", touched, times_apart=True, wall=0.25, wire=0.35),
    Row("two-way", "both ways, 100 edits on each side",
        "many", two_way, rivals=UNISON, wall=0.6, wire=0.3),
]
ROWS += [
    Row(f"scale-{count}", f"nothing changed, {count:,} files",
        f"scale-{count}", nothing, shared=True, asked=count > 100000,
        wire=12 * KB)
    for count in SCALE
]
