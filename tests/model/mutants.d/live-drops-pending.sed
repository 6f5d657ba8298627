# lib/sync/settle.c
# a round of a part forgets what is pending elsewhere
s/scope_choose(s->r->scope, before, false/scope_choose(NULL, before, false/
