# SPDX-License-Identifier: MIT
# For tests of presets, sourced behind lib.sh: another machine that is this
# one.  $rsh stands for ssh: it takes what a person would have typed there.
# shellcheck shell=sh

mkdir -p "$work/far" "$HOME/.config/dsync"
ln -s "$DSYNC" "$work/far/dsync"
rsh=$work/far/rsh
presets=$HOME/.config/dsync/presets.conf

# FORCED, if set, is what the server's authorized_keys say instead.
cat >"$rsh" <<END
#!/bin/sh
[ "\$1" != -l ] || shift 2
shift
PATH=$work/far:\$PATH
SSH_ORIGINAL_COMMAND=\$*
export PATH SSH_ORIGINAL_COMMAND
exec sh -c "\${FORCED:-\$*}"
END
chmod 755 "$rsh"

# offer NAME LINE...: a preset more
offer() {
	printf '[preset %s]\n' "$1" >>"$presets"
	shift
	printf '%s\n' "$@" >>"$presets"
}

# offers NAME LINE...: this one only
offers() {
	rm -f "$presets"
	offer "$@"
}
