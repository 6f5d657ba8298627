# lib/core/similar.c
# chunks that were cut in another way are the same
s/ ^ (uint64_t)bits << 60;/ ^ 0 * bits;/
