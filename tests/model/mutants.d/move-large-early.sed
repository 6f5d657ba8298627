# lib/fs/stage.c
# a large version leaves the stage before the commit
s/^\t\tresult = sys_linkat(env, stage->fd, name, versions, hex);/\t\tresult = sys_renameat2(env, stage->fd, name, versions, hex, 0);/
