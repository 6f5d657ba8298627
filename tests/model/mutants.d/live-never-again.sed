# lib/sync/client_live.c
# what failed in a round of a part is not tried again
s/live_put_back(c->live, c->replica->scope);/;/
