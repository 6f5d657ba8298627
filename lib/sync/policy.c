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

bool
policy_access_parse(const char *name, enum access *ret)
{
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strcmp(name, names[i]) != 0)
			continue;
		*ret = (enum access)i;
		return true;
	}
	return false;
}
