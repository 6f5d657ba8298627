# lib/core/reconcile.c
# <= for < in the tie
s/(diff < rules->granularity/(diff <= rules->granularity/
