/* SPDX-License-Identifier: MIT */
/* The table of access x operation: see policy.h. */
#include "config.h"

#include "sync/policy.h"

#include <string.h>

static const bool table[][POLICY__MAX] = {
	[ACCESS_READ] = { [POLICY_LIST] = true, [POLICY_READ] = true },
	[ACCESS_EDIT] = { [POLICY_LIST] = true,
	    [POLICY_READ] = true,
	    [POLICY_CHANGE] = true },
	[ACCESS_FULL] = { [POLICY_LIST] = true,
	    [POLICY_READ] = true,
	    [POLICY_CHANGE] = true,
	    [POLICY_CREATE] = true,
	    [POLICY_DELETE] = true,
	    [POLICY_MOVE] = true },
};

static const char *const names[] = {
	[ACCESS_READ] = "read",
	[ACCESS_EDIT] = "edit",
	[ACCESS_FULL] = "full",
};

static const char *const conflicts[] = {
	[CONFLICT_NEWEST] = "newest",
	[CONFLICT_SERVER] = "server",
	[CONFLICT_CLIENT] = "client",
	[CONFLICT_MANUAL] = "manual",
};

bool
policy_allows(enum access access, enum policy_op op)
{
	return table[access][op];
}

const char *
policy_access_name(enum access access)
{
	return names[access];
}

/* The index of name in list, or -1. */
static int
find(const char *const *list, size_t n, const char *name)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (strcmp(list[i], name) == 0)
			return (int)i;
	return -1;
}

bool
policy_access_parse(const char *name, enum access *ret)
{
	const int i = find(names, sizeof(names) / sizeof(names[0]), name);

	if (i != -1)
		*ret = (enum access)i;
	return i != -1;
}

const char *
policy_conflict_name(enum conflict_rule rule)
{
	return conflicts[rule];
}

bool
policy_conflict_parse(const char *name, enum conflict_rule *ret)
{
	const int i = find(conflicts, sizeof(conflicts) / sizeof(conflicts[0]),
	    name);

	if (i != -1)
		*ret = (enum conflict_rule)i;
	return i != -1;
}
