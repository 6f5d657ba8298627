# lib/core/guard.c
# the guard counts moves as deletions
s|n += plan->v\[i\].what.type == type;|n += plan->v[i].what.type == type \|\| plan->v[i].what.type == ACTION_MOVE_LOCAL;|
