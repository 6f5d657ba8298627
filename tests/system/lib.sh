# SPDX-License-Identifier: MIT
# For the tests of this folder: sourced first.  DSYNC is the program; each
# test works in a private folder that goes away with it, and sees a home and
# an environment of its own.
# shellcheck shell=sh

set -u

here=$(cd "$(dirname "$0")" && pwd)
top=${top_srcdir:-$here/../..}
top=$(cd "$top" && pwd)
DSYNC=${DSYNC:-$PWD/dsync}
case $DSYNC in
/*) ;;
*) DSYNC=$PWD/$DSYNC ;;
esac
[ -x "$DSYNC" ] || {
	echo "skip: no program at $DSYNC; build it, or set DSYNC"
	exit 77
}

tools=${TOOLS:-$(dirname "$DSYNC")/tests/system}
work=$(mktemp -d "${TMPDIR:-/tmp}/dsync-test.XXXXXX") || exit 99
trap 'chmod -R u+rwX "$work"; rm -rf "$work"' EXIT
trap 'exit 99' HUP INT TERM
mkdir "$work/home" "$work/t" && cd "$work/t" || exit 99
HOME=$work/home
LC_ALL=C.UTF-8
TZ=UTC
unset NO_COLOR XDG_STATE_HOME XDG_CONFIG_HOME POSIXLY_CORRECT
export HOME LC_ALL TZ

# shellcheck disable=SC1091
. "$top/tests/system/link.sh"

failed=0

fail() {
	echo "FAIL: $*"
	failed=$((failed + 1))
}

# run ARGUMENT...: dsync; its output is in out and err, its exit code in code
run() {
	"$DSYNC" "$@" >"$work/out" 2>"$work/err" </dev/null
	code=$?
}

# exits CODE ARGUMENT...: dsync ends with that code
exits() {
	wanted=$1
	shift
	run "$@"
	[ "$code" -eq "$wanted" ] || {
		fail "dsync $*: exit $code, not $wanted"
		sed 's/^/  out: /' "$work/out"
		sed 's/^/  err: /' "$work/err"
	}
}

# says FILE TEXT: what the last run printed has TEXT in it
says() {
	grep -qF -e "$2" "$work/$1" || {
		fail "standard ${1} has no \"$2\""
		sed "s/^/  $1: /" "$work/$1"
	}
}

# silent FILE: the last run printed nothing there
silent() {
	[ ! -s "$work/$1" ] || {
		fail "standard $1 is not silent"
		sed "s/^/  $1: /" "$work/$1"
	}
}

# same WHAT WANTED GOT
same() {
	[ "$2" = "$3" ] || fail "$1: wanted \"$2\", got \"$3\""
}

# equal A B: two folders hold the same but for what is dsync's own
equal() {
	diff -r --exclude=.dsync "$1" "$2" >"$work/diff" || {
		fail "$1 and $2 differ"
		sed 's/^/  /' "$work/diff"
	}
}

# skip WHY: the test can't be made here
skip() {
	echo "skip: $*"
	exit 77
}

# need PROGRAM...: or skip
need() {
	for wanted in "$@"; do
		command -v "$wanted" >/dev/null || skip "no $wanted here"
	done
}

as_root() {
	[ "$(id -u)" -eq 0 ] || skip 'needs root'
}

# nobody COMMAND...: as a user who may not do everything.  Give it a folder
# of its own, and what it runs from $work/bin: see for_nobody.
nobody() {
	setpriv --reuid=65534 --regid=65534 --clear-groups "$@"
}

# for_nobody FOLDER...: root makes the program reachable and the folders
# another's; who is not root is that other already
for_nobody() {
	if [ "$(id -u)" -ne 0 ]; then
		nobody() { "$@"; }
		return
	fi
	need setpriv
	chmod 711 "$work"
	chmod 777 "$work/t"
	chown -R 65534:65534 "$work/home" "$@"
	[ ! -d "$work/bin" ] || return 0
	mkdir "$work/bin"
	front=$work/bin/dsync
	cp "${VIA_DSYNC:-$DSYNC}" "$front"
	chmod 755 "$work/bin" "$front"
	[ -z "${VIA:-}" ] || link_for_nobody
	nobody "$work/bin/dsync" --version >/dev/null 2>&1 ||
	    skip 'another user can not run the program'
	printf '#!/bin/sh\nexec setpriv --reuid=65534 --regid=65534 %s\n' \
	    "--clear-groups '$front' \"\$@\"" >"$work/bin/asnobody"
	chmod 755 "$work/bin/asnobody"
	DSYNC=$work/bin/asnobody
}

# tool NAME: the path of a helper that the build made
tool() {
	[ -x "$tools/$1" ] || skip "no $tools/$1: make check builds it"
	echo "$tools/$1"
}

# lists FOLDER: every name in it and all that is kept of it, dsync's own apart
lists() {
	(cd "$1" && find . -name .dsync -prune -o \
	    \( -type f -printf '%P\t%y %m %s %T@\t' \
	    -exec sha256sum -b {} \; \) -o -printf '%P\t%y\n' |
	    LC_ALL=C sort)
}

# contents FOLDER...: the hash of each file there
contents() {
	find "$@" -name .dsync -prune -o -type f -print0 |
	    xargs -0r sha256sum -b | sed 's/^\\//' | cut -c1-64 | sort -u
}

# stored FOLDER...: the hash of each version in its store
stored() {
	for replica in "$@"; do
		"$DSYNC" versions --json "$replica" 2>/dev/null
	done | sed -n 's/.*"sha256":"\([0-9a-f]*\)".*/\1/p' | sort -u
}

# nothing_lost WANTED FOLDER...: each hash in the file WANTED is that of a
# file in one of the folders, or of a version in its store
nothing_lost() {
	wanted=$1
	shift
	{
		contents "$@"
		stored "$@"
	} | sort -u >"$work/have"
	sort -u "$wanted" | comm -23 - "$work/have" >"$work/lost"
	[ ! -s "$work/lost" ] ||
	    fail "lost: $(wc -l <"$work/lost") contents: $(head -3 "$work/lost")"
}

# swept FOLDER...: nothing is left of a run in what is dsync's own; what sshd
# has started may still be about to end
swept() {
	for replica in "$@"; do
		for _ in $(seq 250); do
			find "$replica/.dsync/stage" -mindepth 1 >"$work/left"
			[ -s "$work/left" ] || break
			sleep 0.04
		done
		[ ! -s "$work/left" ] ||
		    fail "left in $replica: $(cat "$work/left")"
		for left in "$replica"/.dsync/*.tmp "$replica"/.dsync/*damaged*
		do
			[ ! -e "$left" ] || fail "left: $left"
		done
	done
}

# children PID: of that process.  Others end while we look, so it is not for
# awk to open these files: some awk gives up at the first that is gone.
children() {
	cat /proc/[0-9]*/stat 2>/dev/null | awk -v parent="$1" '
		{ sub(/\(.*\)/, "-") } $4 == parent { print $1 }'
}

# running: the processes that the test started, in $work/running; false if none
running() {
	HOME=/ grep -lszxF "HOME=$work/home" /proc/[0-9]*/environ \
	    >"$work/running"
	[ -s "$work/running" ]
}

# alone: waits until none of them is left
alone() {
	tries=0
	while running; do
		tries=$((tries + 1))
		[ $tries -lt 500 ] || {
			fail "still running: $(cat "$work/running")"
			return
		}
		sleep 0.02
	done
}

# done_: the verdict; last line of every test
done_() {
	[ "$failed" -eq 0 ] || exit 1
	exit 0
}
