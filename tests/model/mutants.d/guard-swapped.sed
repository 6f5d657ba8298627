# lib/core/guard.c
# the guard takes a percentage for a count
s/{ .percent = (unsigned)n }/{ .count = n }/
