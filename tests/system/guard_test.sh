#!/bin/sh
# A run that would delete too much changes nothing, and says what approves it.
# SPDX-License-Identifier: MIT
. "$(dirname "$0")/lib.sh"

mkdir 'a b'
i=0
while [ $i -lt 40 ]; do
	echo $i >"a b/file$i.md"
	i=$((i + 1))
done
exits 0 sync 'a b' c
rm 'a b'/file[123]*.md
echo new >c/new.md
exits 25 sync 'a b' c
says out 'stopped by the guard, nothing was changed: '
says err '<- file10.md deleted'
says err 'and 13 more'
says err "--max-delete=33 $(typed "'a b'") c"
same 'lines of the list' 20 "$(grep -c ' deleted$' "$work/err")"
[ -e 'a b/new.md' ] && fail 'something was changed'
[ -e c/file10.md ] || fail 'something was deleted'

# -q says it, too; -n as well.
exits 25 sync -q 'a b' c
silent out
says err '--max-delete=33'
exits 25 sync -n 'a b' c
exits 25 sync --json --max-delete=32 'a b' c
says out '"guard":true'

# A limit typed before is replaced, not repeated.
exits 25 sync --max-delete 5 'a b' c
same 'limits' 1 "$(grep -o 'max-delete' "$work/err" | wc -l | tr -d ' ')"

# The command it names does it.
command=$(grep -e '--max-delete=33' "$work/err")
sh -c "$command" >"$work/out" 2>&1 || fail "$(cat "$work/out")"
equal 'a b' c
[ -e 'a b/new.md' ] || fail 'the approved run did nothing'

# A folder that is empty all at once is no wish.
rm -f 'a b'/*.md
exits 25 sync 'a b' c
[ -e c/new.md ] || fail 'an emptied folder emptied the other'

done_
