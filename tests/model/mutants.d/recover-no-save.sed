# lib/fs/swap.c
# recovery does not put a save back
s/^	return save_back(&job, want, ret_left);/	return ST_OK;/
