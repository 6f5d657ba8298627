# lib/sync/client_live.c
# news are taken that follow another number than the one that is known
s/const bool follows = m->since == c->bind.cursor.seq \&\&/const bool follows = true \&\&/
