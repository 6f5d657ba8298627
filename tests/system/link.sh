# SPDX-License-Identifier: MIT
# The same test over a link: sourced by lib.sh.  With VIA set DSYNC is a script
# that makes a preset of the server's folder, and the peer is started as on
# another machine: by a command that stands for ssh (rsh), by the program ssh
# (openssh), or by dsync's own connection (ssh); for these VIA_HOME has the
# settings that lead to "box", where root logs in.
# shellcheck shell=sh disable=SC2154

# behind WHO [WORD]...: over a link the client, or the peer, is started behind
# this command from now on.  The pid of the last peer is in $VIA_DIR/pid.
behind() {
	script=$VIA_DIR/$1
	{
		echo '#!/bin/sh'
		[ "$1" = client ] || cat "$VIA_DIR/there"
		shift
		echo "ASAN_OPTIONS='${ASAN_OPTIONS:-}' exec \\"
		[ $# -eq 0 ] || printf "'%s' " "$@"
		echo "'$VIA_DSYNC' \"\$@\""
	} >"$script.new"
	chmod 755 "$script.new"
	mv "$script.new" "$script"
}

# there [LINE]: what a peer does first, over there
there() {
	cat >"$VIA_DIR/there" <<-END
		${1:-}
		XDG_CONFIG_HOME=$VIA_DIR HOME=$HOME LC_ALL=$LC_ALL TZ=$TZ
		export XDG_CONFIG_HOME HOME LC_ALL TZ
		umask $(umask)
		echo \$\$ >'$VIA_DIR/pid'
	END
}

# with_settings: this home leads to "box", as VIA_HOME does
with_settings() {
	mkdir -m 700 "$HOME/.ssh"
	cp "$VIA_HOME/.ssh/id_ed25519" "$VIA_HOME/.ssh/known_hosts" "$HOME/.ssh"
	sed "s,$VIA_HOME/,$HOME/," "$VIA_HOME/.ssh/config" >"$HOME/.ssh/config"
}

over_link() {
	VIA_DSYNC=$DSYNC VIA_DIR=$work/via VIA_HOST=box
	DSYNC=$here/via
	DSYNC_REMOTE_PATH=$VIA_DIR/peer
	export VIA_DSYNC VIA_DIR VIA_HOST DSYNC_REMOTE_PATH
	case $VIA in
	rsh) DSYNC_RSH=$here/rsh ;;
	openssh)
		with_settings
		DSYNC_RSH="ssh -F $HOME/.ssh/config -i $HOME/.ssh/id_ed25519"
		;;
	ssh) with_settings ;;
	esac
	[ -z "${DSYNC_RSH:-}" ] || export DSYNC_RSH
	mkdir -p "$VIA_DIR/of" "$VIA_DIR/dsync"
	: >"$VIA_DIR/dsync/presets.conf"
	there
	behind client
	behind peer
}
[ -z "${VIA:-}" ] || over_link

# link_for_nobody: both sides of it; see for_nobody.  An SSH server lets root
# in, who becomes nobody.
link_for_nobody() {
	VIA_DSYNC=$front
	cp "$here/via" "$here/rsh" "$work/bin"
	front=$work/bin/via
	case $VIA in
	rsh) DSYNC_RSH=$work/bin/rsh ;;
	*)
		there "[ \$(id -u) -ne 0 ] || exec setpriv --reuid=65534 \
		    --regid=65534 --clear-groups \"\$0\" \"\$@\""
		;;
	esac
	behind client
	behind peer
	chown -R 65534:65534 "$VIA_DIR"
}

# typed TEXT: what the last command line had in its place, for the server's
# folder
typed() {
	if [ -n "${VIA:-}" ]; then cat "$VIA_DIR/typed"; else echo "$1"; fi
}

# arrow WAY: how the last run shows what goes this way as it was typed here;
# over a link the verb may be that of the other side
arrow() {
	if [ -n "${VIA:-}" ] && [ -e "$VIA_DIR/turned" ]; then
		echo "$1" | sed 's/->/<=/;s/<-/->/;s/<=/<-/'
	else
		echo "$1"
	fi
}
