#!/bin/sh
# Several servers of one preset: the first that there is a link to is the one,
# and each is met with what was agreed with it, so nothing is lost and nothing
# deleted that nobody deleted, wherever a file was edited meanwhile.
# SPDX-License-Identifier: MIT
. "$(dirname "$0")/lib.sh"
. "$here/servers.sh"

host a
host b
DSYNC_RSH=$rsh
export DSYNC_RSH
both=a,b:/preset/notes
mkdir here

# put FOLDER NAME YEAR: this version is saved there, in that year
put() {
	mkdir -p "$1"
	echo "$1 $2 $3" >"$1/$2"
	touch -d "$3-03-01" "$1/$2"
}

# Every history of a file that two servers and a client can have, by its name:
# was there or not, then what was done here and at a, then what was done at b.
years() {
	case $1 in base) echo 2020 ;; a) echo 2021 ;; here) echo 2022 ;; esac
}
histories() {
	for was in old new; do
		for mine in no edit drop; do
			for at_a in no edit drop; do
				for at_b in no older newer drop; do
					case $was$mine$at_a$at_b in
					new*drop*) ;;
					*) echo "$was-$mine-$at_a-$at_b" ;;
					esac
				done
			done
		done
	done
}

# parts NAME: of a history
parts() {
	IFS=-
	# shellcheck disable=SC2086
	set -- $1
	unset IFS
	was=$1 mine=$2 at_a=$3 at_b=$4
}

# after NAME: what should be there once all have met; empty: no such file
after() {
	parts "$1"
	is=
	[ "$was" = new ] || is="a $1 2020"
	base=$is
	case $mine-$at_a in
	edit-*) is="here $1 2022" ;; # the newer of the two
	*-edit) is="a $1 2021" ;;
	drop-* | *-drop) is= ;;
	esac
	case $at_b in
	older) [ "$is" != "$base" ] && [ -n "$is" ] || is="b $1 2000" ;;
	newer) is="b $1 2023" ;;
	drop) [ "$is" != "$base" ] || is= ;;
	esac
	echo "$is"
}

for n in $(seq 60); do put a "same$n" 2020; done
for name in $(histories); do
	case $name in old-*) put a "$name" 2020 ;; esac
done
exits 0 sync "$both" here
same 'tried' 'a ' "$(tried)"
# One that was never met: a union.
wrong a down
put b theirs 2020
exits 0 sync "$both" here
same 'tried' 'a b ' "$(tried)"
says err 'Connection refused; trying b'
same 'lines of trying' 1 "$(grep -c trying "$work/err")"
equal b here
[ -e here/theirs ] && [ -e b/same60 ] || fail 'no union'

# What was done here and at a, then a is met; what was done at b, then b is.
for name in $(histories); do
	parts "$name"
	case $mine in
	edit) put here "$name" 2022 ;;
	drop) rm "here/$name" ;;
	esac
	case $at_a in
	edit) put a "$name" 2021 ;;
	drop) rm "a/$name" ;;
	esac
	case $at_b in
	older) put b "$name" 2000 ;;
	newer) put b "$name" 2023 ;;
	drop) rm "b/$name" ;;
	esac
done
for name in $(histories); do after "$name"; done >"$work/after"
contents a b here >"$work/saved"
fine a
exits 0 sync --max-delete=100 "$both" here
equal a here
wrong a down
# A dry run knows what is agreed with b, too, and says what will be.
cp -a here/.dsync before
exits 0 sync -n --max-delete=100 here
diff -r before here/.dsync >"$work/diff" || fail "a trace: $(cat "$work/diff")"
sed -n '/^[<-]/s/would be kept/is kept/; /^[<-]/p' "$work/out" | sort >planned
exits 0 sync --max-delete=100 here
grep '^[<-]' "$work/out" | sort >carried
[ "$(wc -l <carried)" -gt 40 ] || fail 'little was carried'
grep -q 'versions b:/preset' carried || fail 'it is not said where'

diff planned carried || fail 'the dry run said something else'
equal b here
fine a
exits 0 sync --max-delete=100 here
equal a here
same 'tried' 'a a b a b a ' "$(tried)"
for name in $(histories); do cat "here/$name" 2>/dev/null || echo; done |
    diff "$work/after" - >"$work/diff" || fail "not as it should be:
$(cat "$work/diff")"
nothing_lost "$work/saved" a b here

# All are as one now, and another round moves nothing.
wrong a down
exits 0 sync here
equal b here
fine a
lists here >before.here
for _ in 1 2; do
	exits 0 sync "$both" here
	exits 0 sync --max-delete=0 b,a:/preset/notes here
done
lists here | diff before.here - || fail 'it is not at rest'
equal a b

# One way, with the same words; and a deletion that is carried to each in turn.
put here pushed 2024
exits 0 push here "$both"
[ -e a/pushed ] && [ ! -e b/pushed ] || fail 'pushed to another'
wrong a down
exits 0 push here "$both"
[ -e b/pushed ] || fail 'not pushed to b'
rm b/pushed
exits 0 pull "$both" here
[ ! -e here/pushed ] || fail 'the deletion was not pulled'
fine a
exits 0 push here "$both"
[ ! -e a/pushed ] || fail 'the deletion was not pushed'
exits 0 verify "$both" here

# Silence of a machine is no answer; a wrong key, or a refusal, is one.
tried >/dev/null
wrong a silent
exits 0 sync --contimeout=1 "$both" here
same 'tried' 'a b ' "$(tried)"
wrong a key
exits 15 sync "$both" here
same 'tried' 'a ' "$(tried)"
fine a
exits 43 sync a,b:/preset/other here
same 'tried' 'a ' "$(tried)"

# Quietly: nothing if there is one; if there is none the last says why.
wrong a down
exits 0 sync -q "$both" here
silent err
silent out
wrong b down
exits 10 sync -q "$both" here
same 'lines' 2 "$(wc -l <"$work/err" | tr -d ' ')"
says err 'b: no connection'
exits 10 sync --json "$both" here
same 'summaries' 1 "$(grep -c '"event":"summary"' "$work/out")"
fine b
fine a

# One alone is the one that was there last, or is refused.
exits 0 sync "$both" here
exits 0 sync a:/preset/notes here
exits 25 sync b:/preset/notes here
says err --rebind

# Words that name nothing.
exits 1 sync a,,b:/preset/notes here
exits 1 sync ,a:/preset/notes here
exits 1 sync a,:/preset/notes here
exits 1 sync a,-oProxyCommand=x:/preset/notes here
exits 1 sync 1,2,3,4,5,6,7,8,9:/preset/notes here
says err 'more than 8 servers'
exits 1 sync a,b:/some/folder here
exits 1 presets a,b:
tried >/dev/null
exits 0 sync 'nobody@[::1],me@a:/preset/notes' here
same 'tried' '[::1] a ' "$(tried)"
done_
