# lib/sync/transfer_copy.c
# a copy that is made here lacks its last byte
s/delta_put_copy(&w, 0, a->remote.size, /delta_put_copy(\&w, 0, a->remote.size - 1, /
