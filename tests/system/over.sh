# SPDX-License-Identifier: MIT
# Tests that are made again over a link: sourced after lib.sh.  What they say
# of two folders must hold as well when one of them is a preset of a server.
# shellcheck shell=sh disable=SC2034,SC2154

# The ones a link is most likely to break.
over_quick='bytes clash clocks copied deep guard history ignore kill_client
    kill_peer letgo meta names oneway rebind rules run sync together unread'

# Those that need no second look in each of them.
over_once='full journal readonly tick'

# And the rest.
over_slow='bwlimit changing dryrun editor hardlink interrupt kill_both kinds limit
    meta_race options output powercut reader refuse stats'

# What a second way of speaking SSH is most likely to break.
over_brief='bytes kill_client meta oneway run together unread'

# Not made over a link: help, which is about no folders, and usage, which is
# about words that are refused before there is a link, or are the link's own.

# over VIA TEST...: each of them over that link; counts
over() {
	via=$1
	shift
	for test; do
		began=$(date +%s)
		VIA=$via DSYNC=$DSYNC TOOLS=$tools timeout -k 10 \
		    "${LONG:+3}600" sh "$here/${test}_test.sh" \
		    >"$work/said" 2>&1
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
