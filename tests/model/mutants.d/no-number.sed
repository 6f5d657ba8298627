# lib/sync/found.c
# a change found on the server gets no number
s/^	st = journal_next_seq(r->db, &row.seq, err);/	row.seq += row.seq == 0;/
