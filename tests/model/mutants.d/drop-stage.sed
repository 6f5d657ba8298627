# lib/sync/group.c
# after a failure the stage is swept at once
s/^		stage_abandon(g->r->stage);/		(void)g;/
