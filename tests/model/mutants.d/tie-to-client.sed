# lib/core/reconcile.c
# a tie goes to the client
s/decide_conflict(ACTION_FETCH, REASON_TIE)/decide_conflict(ACTION_SEND, REASON_TIE)/
