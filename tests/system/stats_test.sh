#!/bin/sh
# --stats says where the bytes went, in both directions and by form; --json has
# the same; and what it says adds up.
# SPDX-License-Identifier: MIT
. "$(dirname "$0")/lib.sh"

need python3

# A case of each form: in a what goes one way, in b what goes the other.
words() {
	i=0
	while [ $i -lt "$2" ]; do
		echo "$1: the line $i of $2, and what else there is to say"
		i=$((i + 1))
	done
}
mkdir a b
for side in a b; do
	words $side 200 >$side/note-$side.md
	words $side 9000 >$side/large-$side.log
	words $side 30 >$side/touched-$side.md
	words $side 31 >$side/old-$side.md
done

# summary PROGRAM: of the last run; the PROGRAM asserts about s
summary() {
	tail -n 1 "$work/out" >"$work/summary"
	python3 - "$work/summary" "$1" <<-'END' || fail "$1: $(cat "$work/summary")"
		import json, sys
		s = json.load(open(sys.argv[1]))
		out, back = s["forms_sent"], s["forms_fetched"]
		def total(member):
		    return sum(row[member] for way in (out, back)
		               for row in way.values())
		exec(sys.argv[2])
		assert s["saved"] == max(0, total("size") - total("bytes"))
		assert s["bytes_sent"] == sum(r["bytes"] for r in out.values())
		assert s["bytes_fetched"] == sum(
		    r["bytes"] for r in back.values())
		assert s["ns_apply"] <= s["ns_transfer"] <= s["ns_all"]
		assert 0 < s["ns_connect"] <= s["ns_all"]
		assert s["ns_scan"] + s["ns_hash"] <= s["ns_all"]
		assert s["ns_wait"] <= s["ns_all"]
	END
}

exits 0 sync --json a b
summary '
assert s["sent"] == s["fetched"] == 4
for way in out, back:
    assert sorted(way) == ["stream", "whole"]
    assert way["whole"]["files"] == 3 and way["stream"]["files"] == 1
    assert way["stream"]["size"] == way["stream"]["bytes"] > 256 * 1024
    assert way["whole"]["size"] == way["whole"]["bytes"]
assert s["saved"] == 0 and s["ns_hash"] > 0 and s["ns_transfer"] > 0'

edit() {
	sed -i '100s/.*/another line/' "$1/note-$1.md"
	sed -i '5000s/.*/another line/' "$1/large-$1.log"
	chmod +x "$1/touched-$1.md"
	mv "$1/old-$1.md" "$1/new-$1.md"
	echo new >"$1/fresh-$1.md"
}
edit a
edit b
exits 0 sync --json a b
summary '
assert s["sent"] == s["fetched"] == 4
assert s["moved_local"] == s["moved_remote"] == 1
for way in out, back:
    assert sorted(way) == ["delta", "delta_stream", "metadata", "moved",
                           "whole"]
    for row in way.values():
        assert row["files"] == 1
    assert way["metadata"]["bytes"] == way["moved"]["bytes"] == 0
    assert way["metadata"]["size"] > 0 and way["moved"]["size"] > 0
    assert way["whole"] == {"files": 1, "size": 4, "bytes": 4}
    for form in "delta", "delta_stream":
        assert 0 < way[form]["bytes"] < way[form]["size"] / 10
assert s["saved"] > s["bytes_sent"] + s["bytes_fetched"]
assert s["round_trips"] > 0 and s["wire_in"] > 0 and s["wire_out"] > 0'

# The same for people, but only what is not zero.
sed -i '100s/.*/yet another line/' a/note-a.md
exits 0 sync --stats a b
grep -q '^  delta  * 1 file, 1[0-9] KB in [0-9]* B$' "$work/out" ||
    fail "no delta: $(cat "$work/out")"
says out 'Saved: '
says out ' round trip'
grep -q '^Time: .* s in all$' "$work/out" || fail 'no time'
exits 0 sync --stats a b
grep -q ' in, 1 round trip$' "$work/out" || fail "$(grep Link "$work/out")"
for none in Sent Fetched Moved Deleted Equal Saved whole delta; do
	grep -q "$none" "$work/out" && fail "$none: there was nothing of it"
done
same 'lines when there is nothing to say' 4 "$(wc -l <"$work/out" | tr -d ' ')"

# What is sent as it is needs no word about its form.
echo one more >a/one.md
exits 0 sync --stats a b
grep -q 'whole' "$work/out" && fail 'more said than there is to say'
says out '1 file, 9 B in 9 B'

# The last answer to what was sent is the proof, too.
echo one more >b/another.md
exits 0 sync --stats a b
grep -q ' in, 2 round trips$' "$work/out" || fail "$(grep Link "$work/out")"
done_
