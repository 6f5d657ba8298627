# lib/sync/group.c
# nothing says what is about to be done
s/if (job->op.kind == APPLY_META)/if (job->expect.absent || 1)/
