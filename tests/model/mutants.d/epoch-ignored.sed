# lib/sync/bind.c
# a server that lost its journal is believed to have lost its files
s/(strcmp(bind->cursor.epoch, told->epoch) != 0 ||/(false ||/
