#!/bin/sh
# Any name of 1 to 255 bytes goes there and back as it is, and is shown
# escaped; one that can't be carried is told of, and the others go on.
# SPDX-License-Identifier: MIT
. "$(dirname "$0")/lib.sh"

esc=$(printf '\033')
newline=$(printf 'new\nline.md')
latin=$(printf 'caf\351.md')
long=$(printf 'x%.0s' $(seq 1 252)).md
long=${long#??}

mkdir a b a/deep
# each NAME FOLDER...: in each folder a file of that name
each_name() {
	for folder in "$@"; do
		for name in 'with space' ' before and after ' "$newline" "$latin" \
		    'emoji-🙂.md' '-n' '--delete' 'back\slash.md' \
		    "red-${esc}[31m.md" "$(printf 'tab\t.md')" 'q"u'\''ote.md' \
		    '*?[a].md' '$HOME `id`' '%s%n.md' 'host:file.md' '#x' '!x' \
		    'CON' 'end.' '~' '{}' ';' "$(printf '\001.md')" \
		    "$(printf '\177\200\377')" "$(printf 'e\314\201')" é É e \
		    "$long"; do
			echo text >"$folder/$name" ||
			    fail "no file \"$name\""
		done
	done
}
each_name a a/deep
mkdir "a/$latin.d" "a/$newline.d" "a/-f"
each_name "a/$latin.d" "a/$newline.d" "a/-f"
# Every byte that a name may have (but for "." alone).
i=1
while [ $i -lt 256 ]; do
	octal=$(printf '\\%03o' $i)
	case $i in
	46 | 47) ;;
	10) : >"a/deep/
" ;;
	*) : >"a/deep/$(printf "$octal")" ;;
	esac
	i=$((i + 1))
done
exits 0 sync a b
lists a | sed 's/\t[fd] .*//' >"$work/names"
lists a >"$work/was"
lists b | diff "$work/was" - >"$work/diff" ||
    fail "not the same: $(head -5 "$work/diff")"
same 'files' 395 "$(find b -name .dsync -prune -o -type f -print0 |
    tr -cd '\0' | wc -c | tr -d ' ')"

# Nothing printed drives a terminal, and no line is broken in two.
says out 'new\nline.md'
says out 'caf\xe9.md'
says out 'emoji-🙂.md'
says out 'red-\x1b[31m.md'
LC_ALL=C grep -qF "$esc" "$work/out" && fail 'an ESC was printed'
LC_ALL=C tr -d '\11\12\40-\176\200-\377' <"$work/out" >"$work/controls"
[ ! -s "$work/controls" ] || fail 'control bytes were printed'
# As JSON each is one line that is UTF-8, and has the name's bytes in hex.
printf 'more\n' >>"a/$latin"
printf 'more\n' >>"b/$newline"
exits 0 sync --json a b
same 'lines of JSON' 3 "$(wc -l <"$work/out" | tr -d ' ')"
iconv -f UTF-8 -t UTF-8 "$work/out" >/dev/null 2>&1 || fail 'not UTF-8'

# Changes, moves and deletions by such names.
mv "b/$newline" "b/back
$esc"
rm "a/--delete" "b/$long"
printf 'x\n' >>"b/-f/$latin"
exits 0 sync a b
lists a >"$work/was"
lists b | diff "$work/was" - >"$work/diff" ||
    fail "not the same: $(head -5 "$work/diff")"
[ -e "a/back
$esc" ] || fail 'the moved file is not there'
exits 0 versions "a/$long"
exits 0 restore -- "a/$long"
exits 0 log "b/$newline"
says out 'new\nline.md'

# Folders with such names themselves.
mkdir -- "-x
y"
echo 1 >"./-x
y/1.md"
exits 0 sync -- "-x
y" "caf$esc"
equal "./-x
y" "caf$esc"
exits 0 status "caf$esc"
LC_ALL=C grep -qF "$esc" "$work/out" && fail 'an ESC was printed by status'
done_
