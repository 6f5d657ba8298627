/* SPDX-License-Identifier: MIT */
/*
 * From a status or a finished run to an exit code.  Where a run has several
 * things to say, the gravest speaks: the guard, then files that failed, then
 * conflicts, then work that waits.
 */
#include "config.h"

#include "exitcode.h"

#include <stddef.h>

#include "summary.h"

static const struct {
	enum status status;
	enum exitcode code;
} codes[] = {
	{ ST_OK, EXITCODE_OK },
	{ ST_NOMEM, EXITCODE_MEMORY },
	{ ST_IO, EXITCODE_IO },
	{ ST_NOSPC, EXITCODE_SPACE },
	{ ST_NOENT, EXITCODE_IO },
	{ ST_EXIST, EXITCODE_IO },
	{ ST_CHANGED, EXITCODE_PARTIAL },
	{ ST_REFUSED, EXITCODE_POLICY },
	{ ST_PROTO, EXITCODE_DATA },
	{ ST_VERSION, EXITCODE_PROTOCOL },
	{ ST_DAMAGED, EXITCODE_IO },
	{ ST_NEWER, EXITCODE_PROTOCOL },
	{ ST_BUSY, EXITCODE_BUSY },
	{ ST_GUARD, EXITCODE_GUARD },
	{ ST_LINK, EXITCODE_LINK },
	{ ST_TIMEOUT, EXITCODE_TIMEOUT },
	{ ST_SIGNAL, EXITCODE_SIGNAL },
	{ ST_PEER, EXITCODE_PEER },
	{ ST_USAGE, EXITCODE_USAGE },
	{ ST_FOLDER, EXITCODE_FOLDER },
	{ ST_AUTH, EXITCODE_AUTH },
	{ ST_CONNECT, EXITCODE_CONNECT_TIMEOUT },
};

enum exitcode
exitcode_of(enum status status)
{
	size_t i;

	for (i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
		if (codes[i].status == status)
			return codes[i].code;
	}
	return EXITCODE_IO;
}

bool
exitcode_is_link(enum exitcode code)
{
	return code == EXITCODE_LINK || code == EXITCODE_TIMEOUT ||
	    code == EXITCODE_CONNECT_TIMEOUT;
}

/*
 * Not in sync, and nothing that explains it: masked changes and files that
 * stay local are as asked for.
 */
static bool
unproven(const struct summary *s)
{
	return !s->dry_run && !s->in_sync && s->masked == 0 &&
	    s->local_only == 0;
}

enum exitcode
exitcode_of_summary(const struct summary *s, bool tell)
{
	if (s->guard)
		return EXITCODE_GUARD;
	if (s->problems > 0)
		return EXITCODE_PARTIAL;
	if (s->conflicts_open > 0)
		return EXITCODE_CONFLICTS;
	if (tell && (summary_changes(s) > 0 || unproven(s)))
		return EXITCODE_PENDING;
	return unproven(s) ? EXITCODE_PARTIAL : EXITCODE_OK;
}
