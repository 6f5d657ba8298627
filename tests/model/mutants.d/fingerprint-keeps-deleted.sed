# lib/store/journal.c
# a deletion does not change the fingerprint
s/^	if (entry_same(old, new))/	if (entry_same(old, new) || new->kind == ENTRY_ABSENT)/
