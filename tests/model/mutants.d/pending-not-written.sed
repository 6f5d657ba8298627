# lib/sync/settle.c
# what was not taken is not written down
s/^		st = journal_pending_set(s->r->db, s->pending, err);/		st = ST_OK;/
