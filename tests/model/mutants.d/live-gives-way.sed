# lib/sync/peer_live.c
# what others had under way is not looked at again
s/live_put_back(p->live, p->replica->scope);/;/
