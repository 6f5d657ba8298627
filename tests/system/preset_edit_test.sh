#!/bin/sh
# dsync preset: adds, changes, shows and removes, and keeps what a person wrote.
# SPDX-License-Identifier: MIT
. "$(dirname "$0")/lib.sh"

file=$HOME/.config/dsync/presets.conf
mkdir notes
exits 0 preset list
says out 'no presets'
exits 0 preset add notes ./notes access=full 'description=What I think'
silent err
says out 'HOST:/preset/notes'
printf '%s\n' '[preset notes]' "path = $work/t/notes" 'access = full' \
    'description = What I think' >wanted
cmp wanted "$file" || fail "presets.conf: $(cat "$file")"
same 'its mode' 644 "$(stat -c %a "$file")"

# A person's words stay.
printf '# mine\n[preset old]  # and this\npath = /old ; here\n' >"$file"
chmod 600 "$file"
exits 0 preset add new "$work/t/notes" 'ignore=*.log' ignore=tmp/ include=a.log
exits 0 preset set old access=read path=/older
says err "warning: /older: No such file or directory"
exits 0 preset set new quota=2G 'keep=30d 1G' mode=0664
exits 0 preset set new quota=
cat >wanted <<END
# mine
[preset old]  # and this
path = /older ; here
access = read

[preset new]
path = $work/t/notes
ignore = *.log
ignore = tmp/
include = a.log
keep = 30d 1G
mode = 0664
END
cmp wanted "$file" || fail "presets.conf: $(cat "$file")"
same 'its mode' 600 "$(stat -c %a "$file")"
exits 0 preset show new
sed -n '/new/,$p' wanted | sed 's/^\(path.*\)/\1\naccess = edit/' >shown
sed 1d "$work/out" | cmp shown - || fail "show: $(cat "$work/out")"
exits 0 preset show --json new
says out '"rules":["*.log","tmp/","!a.log"]'
says out '"keep_seconds":2592000,"keep_bytes":1073741824'
exits 0 preset list
grep -qx "old              read  /older" "$work/out" || fail 'list: no old'
grep -qx "new              edit  $work/t/notes" "$work/out" ||
    fail 'list: no new'
exits 0 preset list --json
same 'lines of --json' 2 "$(grep -c '^{"event":"preset","name":' "$work/out")"

# Refused: nothing is written.
cp "$file" before
for bad in access=rw 'ignore=' quota=lots keep=0d mode=1 'color=red' path=x \
    '=x' plain 'description= x' 'description=x ;y' "description=a
b" "description=$(printf '%0200d' 0)"; do
	run preset set new "$bad"
	case $bad in
	ignore=) cp before "$file" ;;
	*) [ "$code" -ne 0 ] || fail "preset set new $bad" ;;
	esac
	cmp before "$file" || fail "$bad has changed presets.conf"
done
exits 1 preset set new access=rw
says err 'access: must be read, edit or full'
exits 11 preset set nobody access=full
says err 'nobody: there is no preset of that name'
exits 11 preset add new notes
says err 'defined already'
exits 11 preset remove nobody
exits 11 preset show nobody
for name in '' -x .x 'a b' a/b "$(printf '%043d' 0)"; do
	exits 1 preset add -- "$name" notes
	says err 'no name for a preset'
done
exits 1 preset add file before
says err 'not a folder'
exits 1 preset add notes ''
exits 1 preset frob
says err 'add, set, remove, show or list'
exits 1 preset add x
says err 'something is missing'
exits 1 preset list x
says err 'too many'
exits 43 preset set old path=
says err '[preset old] has no path'
cmp before "$file" || fail 'a refused edit has changed presets.conf'

# A file that is not understood is not edited.
printf 'color = red\n' >>"$file"
exits 43 preset set new access=full
says err "$file:13: color: is no key"
cp before "$file"
chmod 664 "$file"
exits 43 preset list
says err 'others could have written it'
chmod 644 "$file"

# Missing folders: said, and taken.
exits 0 preset add later "$work/t/later"
says err 'warning:'
exits 0 preset remove later
exits 0 preset remove old
sed -n '/new/,$p' wanted >rest
sed 1d "$file" | cmp rest - || fail "after remove: $(cat "$file")"

# A symlink to the file stays one.
mv "$file" real.conf && ln -s "$work/t/real.conf" "$file"
exits 0 preset set new access=full
[ -L "$file" ] || fail 'the symlink is gone'
grep -q 'access = full' real.conf || fail 'the file was not changed'
same 'left there' 'presets.conf' "$(ls "$HOME/.config/dsync")"
done_
