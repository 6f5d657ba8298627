# lib/sync/group.c
# a displaced version is not kept
s/if (!job->displaced \&\& !job->left)/if (!job->left)/
