#!/bin/sh
# The network goes away for a while and comes back: both sides, edited
# meanwhile, become equal by themselves, and of what both edited the loser is
# kept.  LONG=1: with the patience that dsync has by default.
# SPDX-License-Identifier: MIT

# In a network of its own; who is not root may do the same in a namespace.
if [ -z "${DSYNC_TEST_INSIDE:-}" ]; then
	if [ "$(id -u)" -eq 0 ]; then
		set -- -n
	else
		set -- -Umn --map-user="$(id -u)" --map-group="$(id -g)" \
		    --keep-caps
	fi
	! unshare "$@" true 2>/dev/null ||
	    DSYNC_TEST_INSIDE=1 exec unshare "$@" sh "$0"
fi
. "$(dirname "$0")/lib.sh"
[ -n "${DSYNC_TEST_INSIDE:-}" ] || skip 'no network namespace can be made'
need ip nsenter

# In a namespace root's files are nobody's, and so not trusted.
[ "$(id -u)" -eq 0 ] || [ ! -e /etc/ssh/ssh_config ] || {
	: >"$work/empty"
	mount --bind "$work/empty" /etc/ssh/ssh_config 2>/dev/null ||
	    skip 'nothing can be mounted on /etc/ssh/ssh_config'
}

# The server is in another one, behind a cable.
unshare -n sleep infinity &
box=$!
trap 'kill "$box"; chmod -R u+rwX "$work"; rm -rf "$work"' EXIT
until [ "$(readlink /proc/$box/ns/net)" != "$(readlink /proc/$$/ns/net)" ] &&
    grep -q sleep /proc/$box/comm; do
	kill -0 "$box" || skip 'no second network namespace'
	sleep 0.02
done
there() { nsenter -t "$box" -n "$@"; }
{
	ip link set lo up && ip link add here0 type veth peer name there0 &&
	    ip link set there0 netns "$box" &&
	    ip addr add 10.111.0.1/30 dev here0 && ip link set here0 up &&
	    there ip link set lo up &&
	    there ip addr add 10.111.0.2/30 dev there0 &&
	    there ip link set there0 up
} 2>/dev/null || skip 'no pair of network devices can be made'

mkdir "$work/front"
printf '#!/bin/sh\nexec nsenter -t %s -n %s "$@"\n' "$box" \
    "$(command -v sshd || echo /usr/sbin/sshd)" >"$work/front/sshd"
chmod 755 "$work/front/sshd"
PATH=$work/front:$PATH
. "$here/sshd.sh"
. "$here/watch.sh"
# shellcheck disable=SC2086
trap 'watch_kill; ended $sshd_pid; kill "$box"
chmod -R u+rwX "$work"; rm -rf "$work"' EXIT
echo ListenAddress 10.111.0.2 >"$server/more"
sshd_again
knows "[10.111.0.2]:$port"
sed -i 's/127\.0\.0\.1/10.111.0.2/' "$HOME/.ssh/config"

mkdir a b
for n in $(seq 50); do echo "$n" >a/$n.md; done
offered notes "$work/t/a"

# cable here|there|both up|down: that end of it
cable() {
	case $1 in
	here) ip link set here0 "$2" ;;
	there) there ip link set there0 "$2" ;;
	both) cable here "$2" && cable there "$2" ;;
	esac
}

# noticed N: for the Nth time it has said that the link is gone
noticed() {
	[ "$(grep -c 'trying again' "$work/watch.w.err")" -ge "$1" ]
}

# kept SIDE PATH HASH: the version is in the store there, as a conflict's loser
kept() {
	"$DSYNC" versions --json "$1/$2" | grep -q "$3" &&
	    "$DSYNC" conflicts --json b |
	    grep -q "\"path\":\"$2\".*\"loser\":\"$3\""
}

# vacated: nobody works in the server's folder
vacated() {
	[ -z "$(ls a/.dsync/stage)" ]
}

hash_of() {
	sha256sum <"$1" | cut -c1-64
}

# away N END: the network is, for the Nth time
away() {
	echo "before $1" >b/before.md
	same_soon a b
	cable "$2" down
	for n in 1 2 3; do
		echo "here $1" >b/$((n + 10 * $1)).md
		echo "there $1" >a/$((n + 5 + 10 * $1)).md
	done
	mkdir -p "a/new$1" b/other
	echo "new $1" >"a/new$1/x.md"
	echo "other $1" >"b/other/$1.md"
	rm "a/$((10 * $1)).md"
	mv "b/$((10 * $1 - 1)).md" "b/moved$1.md"
	echo "late, here $1" >b/late$1.md
	echo "early, there $1" >a/late$1.md
	touch -d '1 minute ago' a/late$1.md
	echo "early, here $1" >b/early$1.md
	echo "late, there $1" >a/early$1.md
	touch -d '1 minute ago' b/early$1.md
	in_a=$(hash_of a/late$1.md) in_b=$(hash_of b/early$1.md)
	within noticed "$1"
	[ -z "${LONG:-}" ] || sleep 180
	echo "later $1" >>b/other/$1.md
	cable "$2" up
	same_soon a b
	same 'the later one, here' "late, here $1" "$(cat a/late$1.md)"
	same 'the later one, there' "late, there $1" "$(cat b/early$1.md)"
	within kept a late$1.md "$in_a"
	within kept b early$1.md "$in_b"
	[ ! -e "b/$((10 * $1)).md" ] && [ -e "a/moved$1.md" ] ||
	    fail 'deleted or moved in vain'
	[ -e "b/new$1/x.md" ] && [ -e "a/other/$1.md" ] || fail 'made in vain'
	# And it lives on.
	echo "after $1" >a/after.md
	same_soon a b
}

[ -n "${LONG:-}" ] || set -- --timeout=5 --contimeout=5
PATIENCE=$((PATIENCE * (${LONG:+4 * }1)))
watch_start w "$@" box:/preset/notes b
equal a b
away 1 here
away 2 there
away 3 both
watch_stop w
# The peers that were cut off still have patience.
# shellcheck disable=SC2046
ended $(children "$sshd_pid")
exits 0 sync b
within vacated
swept a b
done_
