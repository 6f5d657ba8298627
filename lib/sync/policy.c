/* SPDX-License-Identifier: MIT */
/* The table of access x operation: see policy.h. */
#include "config.h"

#include "sync/policy.h"

#include <string.h>

static const bool table[][POLICY__MAX] = {
	[ACCESS_READ] = { [POLICY_TALK] = true,
	    [POLICY_LIST] = true,
	    [POLICY_READ] = true },
	[ACCESS_EDIT] = { [POLICY_TALK] = true,
	    [POLICY_LIST] = true,
	    [POLICY_READ] = true,
	    [POLICY_CHANGE] = true },
	[ACCESS_FULL] = { [POLICY_TALK] = true,
	    [POLICY_LIST] = true,
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

/* A new type of message without a row here is an error in every build. */
#pragma GCC diagnostic error "-Wswitch"
enum policy_op
policy_op_of(enum message_type type)
{
	switch (type) {
	case MESSAGE_CHANGES:
		return POLICY_LIST;
	case MESSAGE_GET:
		return POLICY_READ;
	case MESSAGE_FILE_UPDATE:
	case MESSAGE_FILE_DATA:
		return POLICY_CHANGE;
	case MESSAGE_FILE_DELETE:
		return POLICY_DELETE;
	case MESSAGE_FILE_MOVE:
		return POLICY_MOVE;
	case MESSAGE_HELLO:
	case MESSAGE_DONE:
	case MESSAGE_PING:
	case MESSAGE_PONG:
	case MESSAGE_ERROR:
	case MESSAGE_BYE:
		return POLICY_TALK;
	case MESSAGE_PRESETS:
	case MESSAGE_ACK:
	case MESSAGE_REFUSED:
	case MESSAGE__MAX:
		break;
	}
	return POLICY_NEVER;
}

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
