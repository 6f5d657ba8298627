# lib/sync/serve.c
# a delta may be made from what is not synced
s/st = check_path(s, base->path, s->op, why);/(void)0;/
