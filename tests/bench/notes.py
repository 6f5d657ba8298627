# SPDX-License-Identifier: MIT
"""The text to sync, and the edits: the same for everybody, every time."""

import itertools
import os
import random

NOTES_A_FOLDER = 100
NOTES_A_PART = 5000  # of a tree; a part is a folder of folders
MEDIAN, SIGMA = 2250, 1.03  # bytes of a note, log-normal: 3.8 KB on average
LEAST, MOST = 60, 200000
OLD = 1_700_000_000  # when it was written, some time ago


def vocabulary():
    """Words that look like words; the first are short and come often."""
    dice = random.Random("words")
    parts = [c + v for c in "bcdfghklmnprstvw" for v in "aeiou"]
    ends = ["", "", "n", "s", "r", "l", "t", "ng", "st"]
    words = {}
    while len(words) < 6000:
        size = 1 + len(words) // 700 + dice.randrange(2)
        word = "".join(dice.choices(parts, k=min(size, 4)))
        words[word + dice.choice(ends)] = None
    return list(words)


def sums(weights):
    return list(itertools.accumulate(weights))


def phrases(words, count=40000):
    """What is said again and again, else there would be nothing to find for
    who looks far: zstd makes a third of this text, and of its level 3 level 9
    leaves 85 % (a collection of documentation: 28 %, and 89 % of that)."""
    dice = random.Random("phrases")
    weights = sums(1 / (rank + 2.7) for rank in range(len(words)))
    return [" ".join(dice.choices(words, cum_weights=weights,
                                  k=dice.randrange(2, 7)))
            for _ in range(count)]


WORDS = vocabulary()
TERMS = WORDS + phrases(WORDS)
# How often: by Zipf's law; about every fourth is a phrase.
SUMS = sums([1 / (rank + 2.7) for rank in range(len(WORDS))]
            + [1.5 / (rank + 500) ** 1.1 for rank in range(len(TERMS)
                                                     - len(WORDS))])


def line(dice):
    terms = dice.choices(TERMS, cum_weights=SUMS, k=dice.randrange(3, 9))
    return " ".join(terms).capitalize() + ".\n"


def prose(dice, size):
    """Text of about that size, in lines and paragraphs."""
    terms = dice.choices(TERMS, cum_weights=SUMS, k=size // 8 + 24)
    out, at, have = [], 0, 0
    while have < size and at < len(terms):
        many = dice.randrange(3, 9)
        text = " ".join(terms[at:at + many]).capitalize()
        text += ".\n\n" if many == 3 else ".\n"
        out.append(text)
        at, have = at + many, have + len(text)
    return "".join(out)


def write(path, text, when):
    with open(path, "w", encoding="ascii") as file:
        file.write(text)
    os.utime(path, (when, when))


def note_path(number):
    part, folder = number // NOTES_A_PART, number // NOTES_A_FOLDER
    return f"part{part:03}/folder{folder:05}/note{number:07}.md"


def small_notes(root, count, seed="notes", median=MEDIAN):
    """So many notes: 50,000 of them have 190 MB."""
    dice = random.Random(seed)
    for number in range(count):
        path = os.path.join(root, note_path(number))
        if number % NOTES_A_FOLDER == 0:
            os.makedirs(os.path.dirname(path))
        size = int(median * dice.lognormvariate(0, SIGMA))
        write(path, prose(dice, max(LEAST, min(MOST, size))), OLD + number)


def large_note(root, size, name="large.log"):
    dice = random.Random(name)
    path = os.path.join(root, name)
    with open(path, "w", encoding="ascii") as file:
        while file.tell() < size:
            file.write(prose(dice, min(1 << 20, size - file.tell())))
    os.utime(path, (OLD, OLD))


def edit_lines(path, dice, count):
    """As many lines, anywhere in the file, are written anew."""
    with open(path, "rb") as file:
        text = file.read()
    spots = sorted(dice.randrange(len(text)) for _ in range(count))
    out, last = [], 0
    for spot in spots:
        begin = text.rfind(b"\n", 0, spot) + 1
        end = text.find(b"\n", spot) + 1 or len(text)
        if begin < last:
            continue  # this line is new already
        out += [text[last:begin], line(dice).encode()]
        last = end
    out.append(text[last:])
    with open(path, "wb") as file:
        file.writelines(out)


def append(path, dice, size):
    with open(path, "a", encoding="ascii") as file:
        file.write(prose(dice, size)[:size - 1] + "\n")


def entries(root):
    """All files there, dsync's own apart."""
    with os.scandir(root) as found:
        for entry in found:
            if not entry.is_dir(follow_symlinks=False):
                yield entry
            elif entry.name != ".dsync":
                yield from entries(entry.path)


def files(root):
    return sorted(entry.path for entry in entries(root))


def touch_all(root, when):
    for entry in entries(root):
        os.utime(entry.path, (when, when))
