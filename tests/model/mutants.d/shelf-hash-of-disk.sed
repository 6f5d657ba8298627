# lib/store/shelf.c
# what is on the disk is taken for what was agreed with the other server
s/nullif(coalesce(disk_sha256, zeroblob(32)),/nullif(excluded.sha256,/
