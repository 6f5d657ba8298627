/* SPDX-License-Identifier: MIT */
#ifndef DSYNC_SYNC_POLICY_H
#define DSYNC_SYNC_POLICY_H

/* What a client may do to a preset: one table, asked for every operation. */

#include <stdbool.h>

#include "codec/message.h"
#include "core/reconcile.h"

enum policy_op {
	POLICY_LIST,
	POLICY_READ,
	POLICY_CHANGE, /* contents, exec bit */
	POLICY_CREATE,
	POLICY_DELETE,
	POLICY_MOVE,
	POLICY_TALK, /* nothing of any file: always */
	POLICY_NEVER, /* no client says that */
	POLICY__MAX,
};

/*
 * What a message of a client's is for: every type has its row, or this does
 * not compile.  (A FILE_UPDATE of what is not there is a POLICY_CREATE.)
 */
enum policy_op policy_op_of(enum message_type type);

bool policy_allows(enum access access, enum policy_op op);

const char *policy_access_name(enum access access);
bool policy_access_parse(const char *name, enum access *ret);

const char *policy_conflict_name(enum conflict_rule rule);
bool policy_conflict_parse(const char *name, enum conflict_rule *ret);

#endif
