# lib/sync/group.c
# the loser of a conflict is not kept
s/if (!job->displaced \&\& !job->left)/if (job->op.conflict || (!job->displaced \&\& !job->left))/
