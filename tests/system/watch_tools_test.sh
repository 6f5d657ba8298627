#!/bin/sh
# What tools do to a watched folder, on either side: git clones, checks out and
# moves on, tar unpacks, sed edits 2,000 files, rm and mv take folders away.
# Soon after each of them both sides are equal, without a conflict.  LONG=1: more
# files, and hidden names from either side.
# SPDX-License-Identifier: MIT
. "$(dirname "$0")/lib.sh"
. "$here/watch.sh"
need git tar python3

export GIT_CONFIG_NOSYSTEM=1 GIT_AUTHOR_NAME=A GIT_AUTHOR_EMAIL=a@example.org
export GIT_COMMITTER_NAME=A GIT_COMMITTER_EMAIL=a@example.org
many=$((${LONG:+5 *} 2000))

# history FOLDER: a repository of 300 files and 20 commits, tagged 1 to 20
history() {
	git -c init.defaultBranch=main init -q "$1" && cd "$1" || exit 99
	for n in $(seq 300); do
		mkdir -p "src/$((n % 17))"
		seq "$n" $((n + n % 90)) >"src/$((n % 17))/$n.c"
	done
	printf 'a\0b' >binary
	for commit in $(seq 20); do
		for n in $(seq "$commit" 11 300); do
			[ ! -e "src/$((n % 17))/$n.c" ] ||
			    echo "$commit" >>"src/$((n % 17))/$n.c"
		done
		git mv "src/$((commit % 17))" "src/d$commit" 2>/dev/null
		case $((commit % 4)) in
		0) git mv src/d$((commit - 2)) "deep$commit" ;;
		1) git rm -qr "src/d$((commit - 1))" 2>/dev/null ;;
		2) seq "$commit" 900 >"new$commit.txt" ;;
		3) ln -s "new$((commit - 1)).txt" "link$commit" ;;
		esac
		git add -A && git commit -qm "$commit" && git tag "v$commit"
	done
	cd .. || exit 99
}

# The same names and contents, but that what is no text stands on one side only.
# It waits for that, and looks for a third of the time at most: whoever looks
# takes the processor from those whom he waits for.
cat >compare <<'END'
import os, sys, time

def tree(top):
    seen = {}
    for at, folders, files in os.walk(top):
        folders[:] = [n for n in folders if n != ".dsync" and
                      (hidden or n[0] != ".")]
        for path in (os.path.join(at, n) for n in files):
            with open(path, "rb") as f:
                data = f.read()
            if not os.path.islink(path) and not set(data) & NO_TEXT:
                seen[os.path.relpath(path, top)] = data, os.stat(path).st_mode
    return seen

def look():
    try:
        here, there = map(tree, sys.argv[1:3])
    except OSError as e:  # it went meanwhile
        return 0, [str(e)]
    return len(here), sorted(n for n in here.keys() | there
                             if here.get(n) != there.get(n))

NO_TEXT = set(range(32)) - set(b"\t\n\v\f\r\b\033")
least, end = int(sys.argv[3]), time.monotonic() + int(sys.argv[4])
hidden = sys.argv[5:]
while True:
    began = time.monotonic()
    n, odd = look()
    if not odd and n >= least or began > end:
        break
    time.sleep(2 * (time.monotonic() - began))
print(n, "texts; not the same:", odd[:20])
sys.exit(bool(odd) or n < least)
END

same_texts() {
	# shellcheck disable=SC2086
	python3 compare a b "$least" "$PATIENCE" $hidden >"$work/compared" 2>&1
}

idle() {
	[ -z "$(find a/.dsync/stage b/.dsync/stage -type f)" ]
}

# by LEAST WHAT COMMAND...: in the folder $in; there are that many texts then
by() {
	least=$1 what=$2
	shift 2
	(cd "$in" && "$@") >"$work/tool" 2>&1 ||
	    fail "$what: $(tail -n 5 "$work/tool")"
	began=$(date +%s%N)
	within same_texts || cat "$work/compared"
	took=$((($(date +%s%N) - began) / 10000000))
	printf '# %s, in %s: equal after %d.%02d s, %s\n' "$what" "$in" \
	    $((took / 100)) $((took % 100)) "$(cut -d';' -f1 "$work/compared")"
	within idle
	exits 0 conflicts b
	says out 'no conflicts'
}

unpack() { tar -xf ../tree.tar; }
edit() { find tree -type f -exec sed -i s/1/one/ {} +; }

# writes FOLDER: there, until it is enough
writes() {
	i=0
	while [ ! -e enough ]; do
		i=$((i + 1))
		mkdir -p "$1/w/$((i % 7))"
		echo "$i" >"$1/w/$((i % 7))/$((i % 40)).md"
		[ $((i % 16)) -ne 0 ] || sleep 0.01
	done 2>/dev/null
}

# Folders move to and fro, also those that somebody is writing in.
moves() {
	for n in $(seq 30); do
		at=tree/$((n % 10))
		mv $at moving && mv moving "moved$n" && mkdir -p "k/$n" &&
		    mv "moved$n" "k/$n/t" && mv "k/$n/t" $at || return
		mv w "v$n" 2>/dev/null
		[ $((n % 9)) -eq 0 ] || mv -T "v$n" w 2>/dev/null
		sleep 0.02
	done
	mv k tree/0 && rm -r tree/1
}

moves_and_writes() {
	rm -f ../enough
	(cd .. && writes $in) &
	one=$!
	(cd .. && writes $beside/beside) &
	other=$!
	moves
	moved=$?
	: >../enough
	wait $one $other
	return $moved
}

clean() { rm -rf tree clone* w v* beside; }

history origin
mkdir tree
for n in $(seq $many); do
	mkdir -p "tree/$((n % 10))/$((n % 41))"
	seq "$n" $((n + 60)) >"tree/$((n % 10))/$((n % 41))/$n.md"
done
tar -cf tree.tar tree

# tools SIDE OTHER: all of them, on that side
tools() {
	in=$1 beside=$2
	by 200 'git clone' git clone -q ../origin clone
	by 200 'git checkout, back' git -C clone checkout -q v2
	by 200 'git checkout, on' git -C clone checkout -q v20
	by 200 'git checkout -b' git -C clone checkout -qb b v9
	by 200 'git merge' git -C clone merge -q v17
	[ -z "$hidden" ] || {
		[ -e a/clone/.git/HEAD ] && [ -e b/clone/.git/HEAD ] ||
		    fail 'hidden names did not go over'
		[ ! -e $beside/clone/.git/index ] || fail 'it is no text'
	}
	by $many 'tar x' unpack
	by $many "sed -i, $many files" edit
	by 200 'mv, and writers' moves_and_writes
	by 200 'rm -rf of a folder' rm -rf tree
	by 1 'rm -rf of all' clean
}

mkdir a b
echo one >a/one.md
for hidden in '' --hidden; do
	# shellcheck disable=SC2086
	watch_start w --max-delete=100% $hidden a b
	[ -n "$hidden" ] && [ -z "${LONG:-}" ] || tools a b
	[ -z "$hidden" ] && [ -z "${LONG:-}" ] || tools b a
	watch_stop w
	# shellcheck disable=SC2086
	exits 0 sync $hidden a b
	says out 'nothing to do'
	swept a b
done
done_
