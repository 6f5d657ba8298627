# lib/store/shelf.c
# what a server did since it was last met is taken for known
s/st = sql_size(stmt, 2, &ret->seq, err);/st = sql_size(stmt, 2, \&ret->seq, err), ret->seq += 2;/
