# lib/sync/settle.c
# a round of a part forgets what is pending elsewhere
s/st = keep_pending(&s, err);/st = ST_OK;/
