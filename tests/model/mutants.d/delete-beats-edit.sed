# lib/core/reconcile.c
# a delete beats an edit
s/decide(ACTION_SEND, REASON_EDIT_BEATS_DELETE)/decide(ACTION_DELETE_LOCAL, REASON_EDIT_BEATS_DELETE)/
