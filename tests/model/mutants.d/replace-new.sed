# lib/fs/swap_weak.c
# a new file replaces what its user just made
s/^	    RENAME_NOREPLACE);/	    0);/
