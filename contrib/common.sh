# SPDX-License-Identifier: MIT
# For ./contrib/try, ./contrib/test and .ci/run: the Debian packages, and how
# to build a copy of the checkout, so that the checkout itself stays clean.
# shellcheck shell=sh disable=SC2034,SC2086

top=$(cd "$(dirname "$0")/.." && pwd)

build_packages="autoconf automake gcc libc6-dev make pkg-config \
libarchive-dev libinih-dev libjansson-dev libpopt-dev librsync-dev \
libsqlite3-dev libssh-dev libssl-dev libzstd-dev"
test_packages="$build_packages check e2fsprogs git iproute2 openssh-client \
openssh-server procps python3 sqlite3 strace"
check_packages="$test_packages clang clang-format libclang-rt-dev mandoc \
universal-ctags xz-utils gcovr"

say() {
	printf '\n== %s\n' "$*"
}

die() {
	echo "$(basename "$0"): $*" >&2
	exit 1
}

# need PACKAGE...: installs those that are missing; no apt if none is
need() {
	missing=
	for package; do
		state=$(dpkg-query -W -f='${Status}' "$package" 2>/dev/null) ||
		    state=
		case $state in
		*' installed') ;;
		*) missing="$missing $package" ;;
		esac
	done
	[ -n "$missing" ] || return 0

	say "installing$missing"
	if [ "$(id -u)" -eq 0 ]; then
		as_root=
	elif command -v sudo >/dev/null; then
		as_root=sudo
	else
		die "needs root or sudo to install:$missing"
	fi
	{
		$as_root apt-get update -q
		$as_root env DEBIAN_FRONTEND=noninteractive apt-get install \
		    -q -y --no-install-recommends $missing
	} >"${TMPDIR:-/tmp}/dsync-apt.$$" 2>&1 || {
		cat "${TMPDIR:-/tmp}/dsync-apt.$$" >&2
		die "could not install:$missing"
	}
	rm -f "${TMPDIR:-/tmp}/dsync-apt.$$"
}

# The files of the project, each with a NUL: what git knows or would take; in
# an unpacked release, all but what was built there.
files() {
	if [ -e "$top/.git" ]; then
		git -c safe.directory="$top" -C "$top" ls-files -z -co \
		    --exclude-standard
	else
		(cd "$top" && find . -name build -prune -o -name .deps -prune \
		    -o -type f ! -name '*.[oa]' ! -name '*_test' \
		    ! -name config.status ! -name Makefile -print0)
	fi
}

# build_in FOLDER CONFIGURE-ARGUMENT...: brings the copy of the checkout in
# FOLDER up to date and builds it; what was built before is used again
build_in() {
	folder=$1
	shift
	mkdir -p "$folder"
	files | tar -C "$top" -cf - --null --ignore-failed-read -T - \
	    2>/dev/null | tar -C "$folder" -xf -
	(
		cd "$folder"
		[ -e configure ] || autoreconf -i
		[ -e config.status ] || ./configure --quiet "$@"
		make -s -j"$(nproc)"
	) >"$folder.log" 2>&1 || {
		tail -n 50 "$folder.log" >&2
		die "the build failed; the whole story: $folder.log"
	}
}
