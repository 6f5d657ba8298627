# SPDX-License-Identifier: MIT
# Tests that are made again over a link: sourced after lib.sh.  What they say
# of two folders must hold as well when one of them is a preset of a server.
# shellcheck shell=sh disable=SC2034,SC2154

# The ones a link is most likely to break; these run in every "make check".
over_quick='bytes clash clocks copied deep ignore letgo meta names oneway
    rebind rules run together'

# And the rest of those that make sense; for_nobody makes the peer another's,
# too, which an SSH server does not.
over_slow='dryrun editor hardlink journal kinds limit meta_race output reader'
over_nobody='changing readonly unread'

# What a second way of speaking SSH may break.
over_brief='bytes meta oneway run together'

# Not made over a link:
#   interrupt                stops the children of what it starts; here that is
#                            a shell first, which has others
#   guard history sync       print the folders as they were typed, and arrows
#                            by who is the server; limit runs what guard prints
#   kill_* powercut          trace the processes that they start; see cut_test
#   full tick                are alone in seeing what they mount
#   help options usage       are about options, some of the link's own
#   refuse                   is about two folders of one machine

# over VIA TEST...: each of them over that link; counts
over() {
	via=$1
	shift
	for test; do
		began=$(date +%s)
		VIA=$via DSYNC=$DSYNC TOOLS=$tools timeout -k 10 300 \
		    sh "$here/${test}_test.sh" >"$work/said" 2>&1
		case $? in
		0)
			passed=$((passed + 1))
			echo "$test over $via: $(($(date +%s) - began)) s"
			;;
		77)
			skipped=$((skipped + 1))
			echo "skipped: $test over $via: $(tail -n 1 "$work/said")"
			;;
		*)
			fail "$test over $via"
			sed 's/^/    /' "$work/said" | tail -n 40
			;;
		esac
	done
}
passed=0 skipped=0

# counted: the verdict, with the numbers that contrib/test adds up
counted() {
	[ "$passed" -gt 0 ] || [ "$failed" -gt 0 ] || skip 'no test could be made'
	echo "$passed passed, $failed failed, $skipped skipped"
	done_
}
