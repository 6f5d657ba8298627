# lib/core/plan.c
# deletions that make room come last
s/->rank = RANK_MAKE_ROOM;/->rank = RANK_DELETE;/
