# lib/sync/survey.c
# what can not be read is not there
s/{ .kind = ENTRY_UNREAD };/{ .kind = ENTRY_ABSENT };/
