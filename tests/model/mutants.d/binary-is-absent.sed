# lib/core/reconcile.c
# what turned binary was deleted
s/->kind == ENTRY_EXCLUDED/->kind == ENTRY_UNREAD/g
