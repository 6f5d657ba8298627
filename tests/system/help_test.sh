#!/bin/sh
# --help, the tables of options and dsync.1 name the same commands and options.
# SPDX-License-Identifier: MIT
. "$(dirname "$0")/lib.sh"

page=$top/doc/dsync.1
commands='sync watch flush pause resume push pull status conflicts log versions restore'
commands="$commands verify presets preset authorize clients doctor peer ssh-helper"

# The overview names every command that is for people, and only those.
exits 0 --help
silent err
overview=$(sed -n '/^Commands:/,/^$/s/^  \([a-z]*\) .*/\1/p' "$work/out" |
	sort | tr '\n' ' ')
wanted=$(printf '%s\n' $commands | grep -vE 'peer|helper' | sort | tr '\n' ' ')
same 'commands of the overview' "$wanted" "$overview"
cp "$work/out" "$work/overview"
exits 0 help
same 'help and --help' "$(cat "$work/overview")" "$(cat "$work/out")"
exits 0 -h
same '-h and --help' "$(cat "$work/overview")" "$(cat "$work/out")"
exits 0 --version
grep -qE '^dsync [0-9]+\.[0-9]+(\.[0-9]+)?' "$work/out" || fail '--version'

# Each has help of its own, on lines that fit a terminal.
: >"$work/all"
for command in $commands '-n a b'; do
	# shellcheck disable=SC2086
	exits 0 $command --help
	silent err
	says out 'usage: dsync'
	awk -v c="$command" 'length($0) > 80 { print c ": " $0 }' \
	    "$work/out" >"$work/long"
	[ ! -s "$work/long" ] || fail "too long: $(cat "$work/long")"
	sed -nE 's/^  (-.,|   ) (--[a-z-]+).*/\2/p' "$work/out" >>"$work/all"
	cp "$work/out" "$work/long_help"
	[ "$command" = '-n a b' ] && continue
	exits 0 "$command" -h
	same "$command -h" "$(cat "$work/long_help")" "$(cat "$work/out")"
done
sort -u "$work/all" >"$work/helped"
[ "$(wc -l <"$work/helped")" -gt 20 ] || fail 'the help names too few options'

# What the page describes: the long options of its .It lines.
grep -E '^\.It .*Fl' "$page" | grep -oE 'Fl (. , )?-[a-z-]+' |
	sed -E 's/Fl (. , )?-/--/' | sort -u >"$work/paged"
# rsync's that are taken and do nothing, and --version, stand in no help.
for option in --archive --recursive --links --times; do
	grep -qxF -e "$option" "$work/paged" || fail "dsync.1 lacks $option"
	exits 3 push "$option" missing b
	says err 'no such folder'
done
grep -vxE -e '--(archive|recursive|links|times)' "$work/paged" \
    >"$work/paged_ours"
diff "$work/helped" "$work/paged_ours" >"$work/diff" || {
	fail 'help (<) and dsync.1 (>) name different options:'
	cat "$work/diff"
}

# And the commands.
for command in $commands; do
	grep -qE "^\.It Cm $command( |\$)" "$page" ||
	    fail "dsync.1 does not describe $command"
done
grep -oE '^\.It Cm [a-z-]+' "$page" | cut -d' ' -f3 | while read -r command; do
	case " $commands " in
	*" $command "*) ;;
	*) echo "$command" ;;
	esac
done >"$work/unknown"
[ ! -s "$work/unknown" ] || fail "dsync.1 names $(cat "$work/unknown")"

# The exit codes of the page are those of the program.
sed -n '/^\.Sh EXIT STATUS/,/^\.El/s/^\.It //p' "$page" | sort >"$work/codes"
if [ -r "$top/src/exitcode.h" ]; then
	sed -nE 's/.*EXITCODE_[A-Z_]+ = ([0-9]+).*/\1/p' \
	    "$top/src/exitcode.h" | sort >"$work/codes_src"
	diff "$work/codes" "$work/codes_src" >"$work/diff" ||
	    fail "exit codes of dsync.1 and the program: $(cat "$work/diff")"
fi

done_
