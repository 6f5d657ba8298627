# SPDX-License-Identifier: MIT
# For the checks of this folder: they run from the top of the source, and
# look at code, not at what comments and strings say.
# shellcheck shell=sh

set -eu
cd "$(dirname "$0")/../.."
name=$(basename "$0")

# sources FOLDER...: the C files there, in order
sources() {
	find "$@" -name '*.[ch]' | LC_ALL=C sort
}

# code FILE...: "file:line:text", comments and the insides of strings blanked
code() {
	LC_ALL=C awk '
	FNR == 1 { comment = 0 }
	{
		out = ""; quote = ""
		for (i = 1; i <= length($0); i++) {
			c = substr($0, i, 1); two = substr($0, i, 2)
			if (comment) {
				if (two == "*/") { comment = 0; i++ }
			} else if (quote != "") {
				if (c == "\\") i++
				else if (c == quote) { quote = ""; out = out c }
			} else if (two == "/*") {
				comment = 1; i++
			} else if (two == "//") {
				break
			} else {
				if (c == "\"" || c == "\047") quote = c
				out = out c
			}
		}
		print FILENAME ":" FNR ":" out
	}' "$@"
}

# verdict WHAT: reads findings, shows them, and fails if there are any
verdict() {
	found=$(cat)
	if [ -n "$found" ]; then
		printf '%s\n' "$found"
		echo "$name: $1" >&2
		exit 1
	fi
	echo "$name: ok"
}
