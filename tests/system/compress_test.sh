#!/bin/sh
# Over a link the stream is compressed; between two folders of one machine it
# is not, unless -z asks for it.
# SPDX-License-Identifier: MIT
. "$(dirname "$0")/lib.sh"

# linked: the bytes of the link in the last run, both ways
linked() {
	echo $(($(grep -o '"wire_[outin]*":[0-9]*' "$work/out" |
	    cut -d: -f2 | tr '\n' '+')0))
}

mkdir a
yes 'the same line, again and again' | head -n 8000 >a/large.md
exits 0 sync --json a here
[ "$(linked)" -gt 200000 ] || fail "compressed for nothing: $(linked)"
exits 0 sync --json -z a here-z
[ "$(linked)" -lt 20000 ] || fail "not compressed: $(linked)"

need flock
VIA=rsh
over_link
exits 0 sync --json a there
[ "$(linked)" -lt 20000 ] || fail "not compressed over a link: $(linked)"
equal a there
done_
