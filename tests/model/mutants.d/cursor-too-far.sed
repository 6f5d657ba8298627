# lib/store/journal.c
# one change is left out of what is told
s/seq > ?1 ORDER/seq > ?1 + 1 ORDER/
