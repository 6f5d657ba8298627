#!/bin/sh
# -n writes nothing at all, not in .dsync either, and shows the plan that a run
# then follows line for line.
# SPDX-License-Identifier: MIT
. "$(dirname "$0")/lib.sh"

# all FOLDER...: everything that can be seen of each file and folder there
all() {
	find "$@" -printf '%p %y %i %m %n %s %T@ %C@\n' | sort
}
mkdir a b
for n in 1 2 3 4 5 6; do echo $n >a/$n.md; done
mkdir a/dir
echo 1 >a/dir/1.md
echo 2 >a/dir/2.md
all a b >"$work/before"
exits 0 sync -n a b
all a b | diff "$work/before" - || fail '-n wrote at the first contact'
exits 0 sync a b
echo edited >>a/1.md
echo edited >>b/2.md
echo server >a/3.md
echo client >b/3.md
rm a/4.md b/5.md
mv a/dir/1.md a/moved.md
echo new >a/new.md
echo new >b/also.md
chmod +x b/6.md
for options in '' -v -i -c --json --stats '--conflict=manual' \
    '--conflict=server' '--max-size=1' '--exclude=*.md' -q; do
	all a b >"$work/before"
	# shellcheck disable=SC2086
	run sync -n $options a b
	all a b | diff "$work/before" - >"$work/diff" ||
	    fail "-n $options wrote: $(head -5 "$work/diff")"
done
for command in push pull verify 'push --delete' ''; do
	all a b >"$work/before"
	# shellcheck disable=SC2086
	case $command in
	verify) run verify a b ;;
	*) run $command -n a b ;;
	esac
	all a b | diff "$work/before" - >"$work/diff" ||
	    fail "$command -n wrote: $(head -5 "$work/diff")"
done
exits 41 sync -n --exit-code a b
# The plan, and what comes of it.
exits 0 sync -n -i a b
grep -v '^dry run' "$work/out" | sed 's/would be kept/is kept/' |
    sort >"$work/plan"
exits 0 sync -i a b
grep -v '^in sync' "$work/out" | sort | diff "$work/plan" - ||
    fail 'the run was not as planned'
equal a b
exits 0 sync -n --exit-code a b
done_
