# SPDX-License-Identifier: MIT
# For tests of several servers, sourced behind lib.sh: machines that are this
# one, each with a home and presets of its own.  $rsh stands for ssh, and knows
# what is wrong with which of them.
# shellcheck shell=sh disable=SC2154

mkdir -p "$work/hosts" "$work/wrong" "$work/far"
ln -s "$DSYNC" "$work/far/dsync"
rsh=$work/far/rsh

# host NAME: with the preset notes, the folder $work/t/NAME
host() {
	mkdir -p "$work/hosts/$1/.config/dsync" "$1"
	printf '[preset notes]\npath = %s\naccess = full\n' "$work/t/$1" \
	    >"$work/hosts/$1/.config/dsync/presets.conf"
}

# wrong NAME HOW: it is down, or silent, or has another key; fine NAME: again
# as it was
wrong() {
	echo "$2" >"$work/wrong/$1"
}

fine() {
	rm -f "$work/wrong/$1"
}

# gone NAME HOW: that is wrong from now on, and all that led to it ends
gone() {
	wrong "$1" "$2"
	while read -r pid; do
		! grep -qszxF "HOME=$work/hosts/$1" "/proc/$pid/environ" ||
		    kill -KILL "$pid"
	done <"$work/hosts/$1/pids"
	: >"$work/hosts/$1/pids"
}

cat >"$rsh" <<END
#!/bin/sh
[ "\$1" != -l ] || shift 2
host=\$1
shift
echo "\$host" >>'$work/tried'
case \$(cat '$work/wrong/'"\$host" 2>/dev/null) in
down)
	echo "ssh: connect to host \$host port 22: Connection refused" >&2
	exit 255
	;;
key)
	echo 'Host key verification failed.' >&2
	exit 255
	;;
silent) exec sleep 600 ;;
esac
[ -d "$work/hosts/\$host" ] || {
	echo "ssh: Could not resolve hostname \$host" >&2
	exit 255
}
HOME=$work/hosts/\$host
PATH=$work/far:\$PATH
export HOME PATH
unset XDG_CONFIG_HOME
echo \$\$ >>"\$HOME/pids"
exec sh -c "exec \$*"
END
chmod 755 "$rsh"

# tried: the hosts that were, since the last look
tried() {
	tr '\n' ' ' <"$work/tried" 2>/dev/null
	: >"$work/tried"
}
