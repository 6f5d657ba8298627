# SPDX-License-Identifier: MIT
"""Every path that dsync gives to the kernel, by strace.

A name must be relative to a descriptor of the folder or of one below it, have
no "..", and be looked up without following a link.  What else there is, is
known: the loader's libraries, the folder's own path, SQLite's journal.
"""

import glob
import re
import sys

from house import *
import protocol as pr
import rubbish

NEW = b"a new text\n"
CALLS = ("%file,openat2,renameat2,linkat,unlinkat,mkdirat,fchmodat,fchownat,"
         "faccessat2,utimensat,mknodat,symlinkat,readlinkat,setxattr,"
         "lsetxattr,removexattr,lremovexattr")

# Read by the loader and the libraries, whoever the enemy is.
SYSTEM = re.compile(r"/(etc|lib|lib64|usr|proc|sys|dev)(/|$)")
JOURNAL = re.compile(
    r"/\.dsync/journal(-server|-client)?\.db(-wal|-shm|-journal)?$")
# CALL(DESCRIPTOR<ITS PATH>, "NAME", ...
RELATIVE = re.compile(r'^(\w+)\((\d+)<([^>]*)>, "((?:[^"\\]|\\.)*)"(.*)$')
SECOND = re.compile(r', (\d+)<([^>]*)>, "((?:[^"\\]|\\.)*)"')
ABSOLUTE = re.compile(r'^(\w+)\((?:AT_FDCWD[^,]*, )?"((?:[^"\\]|\\.)*)"(.*)$')
SAFE = {"openat", "openat2", "newfstatat", "mkdirat", "unlinkat", "renameat",
        "renameat2", "linkat", "statx"}
LOOKS = {"readlink", "newfstatat", "stat", "lstat", "access", "faccessat2",
         "statfs", "statx"}


def unescape(text):
    return text.encode().decode("unicode_escape").encode("latin-1")


def relative_fault(call, folder, name, rest, roots):
    if name == "" and "AT_EMPTY_PATH" in rest:
        return None  # no name at all: fstat()
    folder = folder.removesuffix("(deleted)").rstrip()
    if not any(folder == r or folder.startswith(r + "/") for r in roots):
        return "a descriptor from outside"
    name = unescape(name)
    if name.startswith(b"/") or b".." in name.split(b"/"):
        return "a name that leads out"
    if call not in SAFE:
        return "a call that has no place"
    if call == "openat2":
        if "RESOLVE_BENEATH" not in rest or "RESOLVE_NO_SYMLINKS" not in rest:
            return "links are followed"
    elif call == "openat":
        # O_NOFOLLOW minds the last name alone.
        if "O_NOFOLLOW" not in rest or b"/" in name:
            return "links are followed"
    elif call == "newfstatat":
        if "AT_SYMLINK_NOFOLLOW" not in rest or b"/" in name:
            return "links are followed"
    elif b"/" in name:
        return "links are followed"
    return None


def absolute_fault(call, name, rest, roots):
    if name == "" or SYSTEM.match(name) and "O_RDONLY" in rest or \
            SYSTEM.match(name) and call in LOOKS:
        return None
    folder = call in LOOKS or "O_DIRECTORY" in rest or "O_PATH" in rest
    # The home, to see that the folder is another one.
    if name == os.environ["HOME"] and folder:
        return None
    above = name.removesuffix("/.dsync")
    for root in roots:
        if name.startswith(root + "/.dsync/") and JOURNAL.search(name):
            return None
        # Is it a replica?  And SQLite opens the folder to sync it.
        if name == root + "/.dsync" and (call in LOOKS or "O_RDONLY" in rest):
            return None
        # The folder itself, the way to it, and whether it lies in another.
        if root == name or (root + "/").startswith(above.rstrip("/") + "/"):
            if folder and (name == above or "NOFOLLOW" in rest):
                return None
    return "a path of its own"


def audit(log, roots, known=()):
    """(calls seen, faults)"""
    seen, faults, lines = {}, [], []
    for name in glob.glob(log + ".*"):
        with open(name, errors="surrogateescape") as f:
            lines += f.read().splitlines()
    for line in lines:
        if line.startswith(("execve(", "+++", "---")):
            continue
        m = RELATIVE.match(line)
        if m:
            call = m.group(1)
            seen[call] = seen.get(call, 0) + 1
            fault = relative_fault(call, *m.group(3, 4, 5), roots)
            if fault is None and call in ("renameat", "renameat2", "linkat"):
                n = SECOND.search(m.group(5))
                fault = ("a second name that is not relative" if n is None
                         else relative_fault(call, *n.group(2, 3), "", roots))
        else:
            m = ABSOLUTE.match(line)
            if m is None:
                fault = None if '"' not in line else "a line nobody knows"
            elif any(k in m.group(2) for k in known):
                fault = None
            else:
                fault = absolute_fault(*m.group(1, 2, 3), roots)
        if fault:
            faults.append("%s: %s" % (fault, line[:300]))
    return seen, faults


def strace(h):
    log = h.file("strace")
    return log, ["strace", "-ff", "-y", "-s", "9000", "-e", "trace=" + CALLS,
                 "-e", "signal=none", "-o", log]


def verdict(log, roots, *wanted, known=()):
    seen, faults = audit(log, roots, known)
    check(not faults, "%d faults:\n  %s" % (len(faults),
                                            "\n  ".join(faults[:10])))
    for call in wanted:
        check(seen.get(call), "no %s was seen: %s" % (call, seen))


def possible():
    try:
        run = subprocess.run(["strace", "-o", "/dev/null", "true"],
                             capture_output=True)
    except FileNotFoundError:
        return False
    return run.returncode == 0


@case("SB-05 a control: what reads a file outside is noticed")
def control(h):
    for command in (["cat", h.outside + "/secret.md"],
                    ["sh", "-c", "cd '%s' && cat ../outside/secret.md" %
                     h.root], ["cp", h.root + "/a.md", h.root + "/c.md"],
                    ["chmod", "600", h.root + "/c.md"]):
        log, under = strace(h)
        subprocess.run([*under, *command], check=True, capture_output=True)
        check(audit(log, [h.root])[1], "unnoticed: %s" % command)
    h.may("c.md", h.get("c.md"))


@case("SB-05 a normal run, and one that changes, moves and deletes")
def normal(h):
    copy = os.path.join(h.base, "log", "copy")
    os.mkdir(copy)
    h.put("deep/er/and/deeper/x.md", b"x\n")
    h.put("deep/y.md", b"y\n")
    h.put("big.md", b"line\n" * 100000)
    h.put(".dsyncignore", b"*.log\n")
    for turn in range(2):
        log, under = strace(h)
        p = Process(h, ["sync", h.root, copy], under=under)
        check(p.wait() == 0, "%s" % p.printed())
        verdict(log, [h.root, copy], "renameat2", "unlinkat", "newfstatat",
                known=["/log/strace"])
        if turn == 0:
            os.rename(h.root + "/deep/y.md", h.root + "/z.md")
            os.unlink(h.root + "/deep/er/and/deeper/x.md")
            h.put("a.md", NEW)
            House.write(copy + "/run.sh", NEW)
    h.remember()


@case("SB-05 an attack on the peer")
def attack(h):
    for at, path in enumerate(sorted(rubbish.PATHS.values())):
        if at % 4:
            continue
        log, under = strace(h)
        t = h.peer(under=under)
        t.meet()
        t.say("FILE_UPDATE", [pr.update(1, path, NEW)], NEW)
        t.ends(12)
        verdict(log, [h.root])
    log, under = strace(h)
    t = h.peer(under=under)
    t.meet()
    n = 0
    for path in ("link/x.md", "link/sub/new/x.md", "leaf.md", "link",
                 "link/secret.md", "a.md/x", "sub", "data.bin/x", "ok/x.md"):
        for old in (None, b"secret\n"):
            n += 1
            t.say("FILE_UPDATE", [pr.update(n, path, NEW, old)], NEW)
        t.say("FILE_DELETE", [pr.record(id=1000 + n, path=path,
                                        if_=pr.sha(b"secret\n"))])
        t.say("FILE_MOVE", [pr.entry("m%d" % n, b"secret\n", id=2000 + n,
                                     from_=path, if_=pr.sha(b"secret\n"))])
        t.say("GET", [pr.entry(path, b"secret\n", id=3000 + n)])
    t.answers()
    h.may("ok/x.md", NEW)
    t.bye()
    verdict(log, [h.root], "renameat2", "unlinkat")


if __name__ == "__main__":
    if not possible():
        print("skip: strace is missing, or may not trace here")
        sys.exit(77)
    os.environ["ASAN_OPTIONS"] = os.environ.get(
        "ASAN_OPTIONS", "") + ":detect_leaks=0"
    sys.exit(main(sys.argv[1:]))
