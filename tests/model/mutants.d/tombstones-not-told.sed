# lib/sync/teller.c
# deletions are not told
s/if (listing_add(list, &row.entry) != ST_OK)/if (row.entry.kind != ENTRY_ABSENT \&\& listing_add(list, \&row.entry) != ST_OK)/
