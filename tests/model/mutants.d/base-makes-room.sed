# lib/sync/bases.c
# a file is made from what has given way to it
s/^\t    !plan_makes_room(a) &&$//
