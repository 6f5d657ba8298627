# lib/sync/recover.c
# recovery drops what it finds in the stage
s/if (st == ST_OK \&\& (displaced || left))/if (st == ST_OK \&\& displaced \&\& left)/
