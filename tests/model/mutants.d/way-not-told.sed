# lib/sync/group.c
# what is in the way is refused, and tried again in every run
s/job->now.kind != ENTRY_EXCLUDED/job->now.kind != ENTRY_UNREAD/
