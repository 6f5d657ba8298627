# lib/core/entry.c
# the executable bit is no part of a version
s/return a->exec == b->exec \&\& /return /
