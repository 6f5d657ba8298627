#!/bin/sh
# Presets over a link: what a client may do, what comes back, and who says no.
# SPDX-License-Identifier: MIT
. "$(dirname "$0")/lib.sh"
. "$here/rsh.sh"

# fresh ACCESS [LINE...]: a preset of two files, and a client that has them
fresh() {
	rm -rf srv me
	mkdir srv
	echo one >srv/a.md
	echo two >srv/b.md
	[ ! -x "$work/before" ] || "$work/before"
	access=$1
	shift
	offers notes "path = $work/t/srv" "access = $access" "$@"
	exits 0 sync -e "$rsh" far::notes me
}

# edits: one of each kind
edits() {
	echo changed >>me/a.md
	rm me/b.md
	echo new >me/c.md
}

# Full: all of it.
fresh full
equal srv me
edits
exits 0 sync -e "$rsh" me
equal srv me
[ ! -e srv/b.md ] && [ -e srv/c.md ] || fail 'full: not all was carried over'

# Edit: the change only; what was deleted comes back, what is new stays here.
fresh edit
edits
exits 0 sync -e "$rsh" me
same 'edit: a.md' "$(printf 'one\nchanged')" "$(cat srv/a.md)"
same 'edit: b.md' two "$(cat me/b.md)"
[ ! -e srv/c.md ] || fail 'edit: a file was created'
same 'edit: c.md' new "$(cat me/c.md)"
says out '1 file stays local (not allowed to go)'
mv me/b.md me/d.md
exits 0 sync -e "$rsh" me
same 'edit: b.md after a rename' two "$(cat me/b.md)"
[ ! -e srv/d.md ] || fail 'edit: a rename was carried over'

# Read: nothing; the server's version returns and ours is kept.
fresh read
edits
exits 0 sync -e "$rsh" me
same 'read: a.md' one "$(cat me/a.md)"
same 'read: there' 'a.md b.md ' "$(ls srv | tr '\n' ' ')"
same 'read: a.md there' one "$(cat srv/a.md)"
same 'read: b.md' two "$(cat me/b.md)"
printf 'one\nchanged\n' | sha256sum | cut -c1-64 >wanted
nothing_lost wanted me

# The key's access and the preset's: the smaller counts, either way.
FORCED='dsync peer --preset notes --access read' && export FORCED
fresh full
edits
exits 0 sync -e "$rsh" me
same 'key: a.md' one "$(cat srv/a.md)"
[ -e srv/b.md ] && [ ! -e srv/c.md ] || fail 'a reading key has written'
FORCED='dsync peer --preset notes --access full'
fresh read
edits
exits 0 sync -e "$rsh" me
same 'preset: a.md' one "$(cat srv/a.md)"

# A restricted key: this preset, whatever is asked for, in whatever way.
mkdir other
echo secret >other/s.md
offer other "path = $work/t/other" 'access = full'
exits 43 sync -e "$rsh" far::other x
says err 'this key is for the preset notes only'
exits 43 sync -e "$rsh" --remote-path=/bin/sh far::other x
[ ! -e x/s.md ] || fail 'a restricted key has read another preset'
exits 0 sync -e "$rsh" far::notes x
unset FORCED
exits 43 sync -e "$rsh" far::none y
says err 'no preset of that name'
exits 1 sync -e "$rsh" far: y
for name in ../srv .. ..%2f .; do
	run sync -e "$rsh" "far::$name" y
	[ "$code" -eq 43 ] || [ "$code" -eq 1 ] || fail "far::$name: $code"
done

# Ignore and include: both sides leave alone what the server says.
cat >"$work/before" <<'END'
#!/bin/sh
mkdir srv/tmp
echo x | tee srv/x.log srv/keep.log srv/tmp/t.md >srv/.hid.md
END
chmod +x "$work/before"
fresh full 'ignore = *.log' 'ignore = /tmp/' 'include = keep.log'
same 'ignored' 'a.md b.md keep.log ' "$(ls me | tr '\n' ' ')"
echo mine >me/y.log
mkdir me/tmp
echo mine >me/tmp/u.md
echo '!*.log' >me/.dsyncignore
exits 0 sync -e "$rsh" me
[ ! -e srv/y.log ] && [ ! -e srv/tmp/u.md ] || fail 'a rule was undone'
[ ! -e me/x.log ] || fail 'the user has undone a rule of the preset'
same 'what is ignored stays' mine "$(cat me/y.log)"
rm me/.dsyncignore
exits 0 sync -e "$rsh" me
exits 0 sync -e "$rsh" --include='*.log' me
[ ! -e srv/y.log ] || fail '--include has undone a rule of the preset'
# The preset brings nothing back that the user leaves out.
echo '*.log' >me/.dsyncignore
echo more >>me/keep.log
exits 0 sync -e "$rsh" me
same 'keep.log' x "$(cat srv/keep.log)"

# Hidden names: both have to want them.
exits 0 sync -e "$rsh" --hidden me
[ ! -e me/.hid.md ] || fail 'hidden names without the preset'
fresh full 'hidden = yes'
[ ! -e me/.hid.md ] || fail 'hidden names without --hidden'
exits 0 sync -e "$rsh" --hidden me
same '.hid.md' x "$(cat me/.hid.md)"
rm "$work/before"

# Large files are left alone, on both sides.
fresh full 'max-file-size = 1k'
seq 1 1000 >me/large.md
seq 1 1000 >srv/larger.md
exits 0 sync -e "$rsh" me
[ ! -e srv/large.md ] && [ ! -e me/larger.md ] || fail 'max-file-size'

# The quota: what does not fit any more is said, the rest goes on.
fresh full 'quota = 2k'
seq 1 1000 >me/large.md
echo small >me/small.md
exits 23 sync -e "$rsh" me
says err large.md
[ ! -e srv/large.md ] || fail 'over the quota'
same 'small.md' small "$(cat srv/small.md)"
seq 1 1000 >srv/theirs.md
exits 23 sync -e "$rsh" me
same 'what comes' 1000 "$(wc -l <me/theirs.md | tr -d ' ')"
rm srv/theirs.md
head -c 1000 me/large.md >me/fits.md
rm me/large.md
exits 0 sync -e "$rsh" me
equal srv me

# Modes of what is made there.
fresh full 'mode = 0664'
mkdir me/sub
echo x >me/sub/new.md
echo x >me/run.sh
chmod 700 me/run.sh
exits 0 sync -e "$rsh" me
same 'modes' '775 664 775' \
    "$(echo $(stat -c %a srv/sub srv/sub/new.md srv/run.sh))"
fresh full 'mode = 0600'
echo x >me/new.md
exits 0 sync -e "$rsh" me
same 'mode' 600 "$(stat -c %a srv/new.md)"

# Old versions go as the preset says.
for keep in 1b 1G; do
	fresh full "keep = $keep"
	echo v2 >me/a.md
	exits 0 sync -e "$rsh" me
	exits 0 versions --json srv/a.md
	same "keep = $keep" "$([ $keep = 1b ] || echo one)" \
	    "$(grep -q '"sha256":' "$work/out" && echo one)"
done

# Conflicts: as the preset says, unless the client does.
for rule in server client manual; do
	fresh full "conflict = $rule"
	echo mine >me/a.md
	echo theirs >srv/a.md
	touch -d '2020-01-02' me/a.md srv/a.md
	case $rule in
	server) stands='theirs theirs' expect=0 ;;
	client) stands='mine mine' expect=0 ;;
	manual) stands='theirs mine' expect=40 ;;
	esac
	exits $expect sync -e "$rsh" me
	same "conflict = $rule" "$stands" "$(cat srv/a.md) $(cat me/a.md)"
done
exits 0 sync -e "$rsh" --conflict=client me
same '--conflict=client' 'mine mine' "$(cat srv/a.md) $(cat me/a.md)"

# What is wrong with the configuration is said to the client, with its line.
fresh full
echo 'color = red' >>"$presets"
exits 43 sync -e "$rsh" me
says err "$presets:4: color: is no key of a preset"
chmod 666 "$presets"
exits 43 sync -e "$rsh" me
says err 'others could have written it'
offers notes "path = $work/t/nowhere"
chmod 644 "$presets"
exits 3 sync -e "$rsh" far::notes z
says err nowhere

# What the client asked sshd for is nobody's business here.
cat >"$work/far/spy" <<'END'
#!/bin/sh
SSH_ORIGINAL_COMMAND='dsync peer --preset other --access full'
export SSH_ORIGINAL_COMMAND
exec dsync "$@"
END
chmod +x "$work/far/spy"
FORCED='spy peer --preset notes --access read' && export FORCED
fresh full
edits
exits 0 sync -e "$rsh" me
same 'SSH_ORIGINAL_COMMAND' one "$(cat srv/a.md)"
unset FORCED

# The log says who: name, address, and the key's fingerprint.
fresh full
cat >auth <<'END'
publickey ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIH27OXGFSfwtdbvBpMlwreiBihfeFc8k9CgyDrRh8AlE
END
SSH_CONNECTION='192.0.2.7 50000 192.0.2.1 22' SSH_USER_AUTH=$work/t/auth
export SSH_CONNECTION SSH_USER_AUTH
echo changed >>me/a.md
exits 0 sync -e "$rsh" --name=desk me
print=SHA256:$(sed 's/.* //' auth | tr -d '\n' | base64 -d |
    openssl dgst -sha256 -binary 2>/dev/null | base64 | tr -d =)
exits 0 log --json srv/a.md
[ "$print" = SHA256: ] || says out "desk (192.0.2.7, key $print)"
says out 'desk (192.0.2.7, key SHA256:'
done_
