# lib/fs/scan.c
# a folder that can not be read is empty
s/return st == ST_OK ? add_cover(w, ENTRY_UNREAD, NULL) : st;/return st;/
