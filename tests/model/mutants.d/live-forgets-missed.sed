# lib/sync/client_live.c
# news that came at a bad time are never asked for
s/c->missed = true;/c->missed = false;/
