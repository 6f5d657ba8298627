# lib/sync/live.c
# of a folder that is touched only its name is looked at
s/list->v\[i\]->deep)/false)/
