#!/bin/sh
# Text is carried byte for byte: CRLF, Latin-1, no final newline, nothing at
# all, long lines; what holds a NUL or control bytes is not text and stays.
# SPDX-License-Identifier: MIT
. "$(dirname "$0")/lib.sh"

mkdir a b
printf 'one\r\ntwo\r\n' >a/crlf.md
printf 'one\rtwo\r' >a/cr.md
printf 'gr\374\337e\n' >a/latin1.md
printf 'gr\303\274\303\237e\n' >a/utf8.md
printf '\357\273\277bom\n' >a/bom.md
printf '\377\376\n' >a/broken-utf8.md
printf 'no final newline' >a/nonl.md
: >a/empty.md
printf '\n' >a/newline.md
printf ' ' >a/space.md
printf 'tab\tff\fbs\bbell\aesc\033[1m\n' >a/controls.md
head -c 300000 /dev/zero | tr '\0' x >a/longline.md
seq 1 200000 >a/large.md
exits 0 sync -v a b
for file in a/*; do
	case $file in a/controls.md) continue ;; esac
	cmp "$file" "b/${file#a/}" || fail "$file"
done
same 'an empty file' 0 "$(stat -c %s b/empty.md)"

# To nothing, and from nothing.
: >a/crlf.md
printf 'now\r' >b/empty.md
printf '\n' >>b/nonl.md
exits 0 sync a b
same 'emptied' 0 "$(stat -c %s b/crlf.md)"
same 'filled' 4 "$(stat -c %s a/empty.md)"
cmp a/nonl.md b/nonl.md || fail 'nonl.md'

# Binary: NUL at once, and behind the first 64 KiB.
printf 'a\0b\n' >a/nul.bin
{ seq 1 20000; printf '\0'; } >a/late.bin
exits 0 sync a b
[ -e b/nul.bin ] && fail 'a file with a NUL was carried'
[ -e b/late.bin ] && fail 'a NUL behind 64 KiB was not seen'
exits 0 sync a b
[ -e a/nul.bin ] && [ -e a/late.bin ] || fail 'a binary file was deleted'
done_
