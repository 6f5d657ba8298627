# lib/fs/swap_judge.c
# any contents are those that were to be replaced
s/if (hash_equal(&hash, &job->expect->hash) &&/if (/
