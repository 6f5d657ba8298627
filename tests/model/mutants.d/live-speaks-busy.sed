# lib/sync/peer_live.c
# a peer tells its news whatever its client is doing
s/ || !p->idle || look_busy/ || p->teller != NULL || look_busy/
