#!/bin/sh
# A local user swaps files and folders on both sides for symlinks that lead
# out, as fast as renameat2() can, while runs read and write there: nothing
# outside is read into a folder, written, or deleted.  FLIP_SECONDS is how
# long (LONG=1: 60).
# SPDX-License-Identifier: MIT
. "$(dirname "$0")/lib.sh"

flip=$(tool flip) || skip "$flip"
cp "$flip" flip
flip=$PWD/flip
someone() { "$@"; }
if [ "$(id -u)" -eq 0 ]; then
	need setpriv
	chmod 755 "$work" "$work/t" flip
	nobody true 2>/dev/null && someone() { nobody "$@"; }
fi
[ -z "${LONG:-}" ] || FLIP_SECONDS=${FLIP_SECONDS:-60}

# What lies outside has names and a text that would be synced.
mkdir -p a/sub a/deep/sub outside/sub outside/deep/sub
names='leaf.md .dsyncignore sub deep/sub'
for file in leaf.md sub/in.md sub/other.md deep/sub/in.md .dsyncignore; do
	echo "inside $file" >a/$file
	echo "CANARY $file" >outside/$file
done
for n in 1 2 3; do echo "inside $n" >a/sub/only$n.md; done
for n in 4 5 6; do echo "CANARY $n" >outside/sub/only$n.md; done
exits 0 sync a b
chmod 777 a b a/sub a/deep a/deep/sub b/sub b/deep b/deep/sub

# seen: all that can be seen of what lies outside
seen() {
	find outside -exec stat -c '%n %F %a %i %s %y %z' {} + | LC_ALL=C sort
	find outside -type f -exec sha256sum {} + | LC_ALL=C sort
}
seen >"$work/before"
contents outside >"$work/canaries"

# Edits go into the true folder, whatever its name leads to now.
edits() { # SIDE
	(cd "$1/sub" && n=0 && until [ -e "$work/t/stop" ]; do
		n=$((n + 1))
		echo "$1 $n" >.new && mv .new in.md
		[ $((n % 3)) -ne 0 ] || rm -f other.md
		[ $((n % 3)) -ne 1 ] || echo "$1 again $n" >other.md
		sleep 0.02
	done) 2>/dev/null &
	(cd "$1" && until [ -e "$work/t/stop" ]; do
		echo "$1 leaf" >.leaf && mv -T .leaf leaf.md
		sleep 0.05
	done) 2>/dev/null &
}

# shellcheck disable=SC2086
for side in a b; do
	someone "$flip" "$PWD/stop" "$PWD/$side" "$PWD/outside" $names \
	    >"$work/flips-$side" 2>"$work/flip-$side" &
	edits $side
done
end=$(($(date +%s) + ${FLIP_SECONDS:-10}))
runs=0
while [ "$(date +%s)" -lt "$end" ]; do
	run sync --max-delete=1000 a b
	case $code in
	0 | 23 | 40) ;;
	*) fail "run $runs: exit $code: $(cat "$work/err")" ;;
	esac
	runs=$((runs + 1))
done
: >stop
wait
flips=$(($(cat "$work/flips-a") + $(cat "$work/flips-b")))
echo "$runs runs, $flips exchanges"
[ "$flips" -gt $((runs * 10)) ] || fail "too few: $(cat "$work"/flip-?)"

# Nothing of it came in, and nothing went out.
seen | diff "$work/before" - || fail 'something outside was changed'
for side in a b; do
	find $side -type l -print >"$work/links"
	[ ! -s "$work/links" ] || fail "symlinks stay: $(cat "$work/links")"
done
grep -ral CANARY a b && fail 'something from outside came in'
{ contents a b; stored a b; } | sort -u | comm -12 - "$work/canaries" >"$work/in"
[ ! -s "$work/in" ] || fail "from outside, in a store: $(cat "$work/in")"
for side in a b; do
	"$DSYNC" log --json $side
done >"$work/log"
grep -F -f "$work/canaries" "$work/log" && fail 'the log knows what is outside'

# And the folders are as good as before.
run sync --max-delete=1000 a b
exits 0 sync --max-delete=1000 a b
swept a b
done_
