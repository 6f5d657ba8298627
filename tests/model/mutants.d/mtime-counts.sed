# lib/core/entry.c
# the mtime is part of a version
s/return a->exec == b->exec \&\& /return a->mtime == b->mtime \&\& a->exec == b->exec \&\& /
