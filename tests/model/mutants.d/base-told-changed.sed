# lib/sync/bases.c
# a file is made from what the server has changed
s/ || !stands_in(b->remote, e))/)/
