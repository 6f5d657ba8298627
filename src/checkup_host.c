/* SPDX-License-Identifier: MIT */
/* Another machine: reached, and asked what it offers. */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "checkup.h"
#include "command.h"
#include "inquire.h"
#include "sync/ask.h"
#include "util/env.h"

#define NOTED	(5 * NSEC)
#define TOO_FAR (600 * NSEC) /* as reconcile has it */

static void
check_version(struct checkup *c, const struct ask_answer *a)
{
	if (strcmp(a->version, PACKAGE_VERSION) == 0)
		checkup_say(c, CHECKUP_OK, "server", "dsync %s answers",
		    a->version);
	else
		checkup_say(c, CHECKUP_WARN, "server",
		    "dsync %s answers, this is %s: both work, the newer one's "
		    "features may not",
		    a->version, PACKAGE_VERSION);
}

static void
check_clocks(struct checkup *c, const struct ask_answer *a)
{
	const int64_t off = llabs(a->clock_ahead);
	const char *which = a->clock_ahead > 0 ? "ahead" : "behind";

	if (off > TOO_FAR)
		checkup_say(c, CHECKUP_WARN, "clocks",
		    "the server's is %lld s %s: no time is trusted, the "
		    "server wins every conflict; set the clocks",
		    (long long)(off / NSEC), which);
	else if (off > NOTED)
		checkup_say(c, CHECKUP_WARN, "clocks",
		    "the server's is %lld s %s; conflicts allow for it, but "
		    "set the clocks",
		    (long long)(off / NSEC), which);
	else
		checkup_say(c, CHECKUP_OK, "clocks", "they agree");
}

void
checkup_host(struct checkup *c, const char *typed)
{
	AUTO(ask) struct ask *ask = NULL;
	const struct ask_answer *a;
	struct err err;
	enum status st = inquire(c->inv, typed, &ask, &err);

	if (ask != NULL && ask_answer(ask)->version[0] != '\0')
		check_version(c, ask_answer(ask));
	if (st != ST_OK) {
		checkup_say(c, CHECKUP_FAIL, "server", "%s", err.text);
		return;
	}
	a = ask_answer(ask);
	check_clocks(c, a);
	if (a->n == 0)
		checkup_say(c, CHECKUP_FAIL, "offer",
		    "no preset for you: on the server, dsync preset add NAME "
		    "PATH");
	else
		checkup_say(c, CHECKUP_OK, "offer",
		    "%zu preset%s for you: dsync presets %s", a->n,
		    a->n == 1 ? "" : "s", typed);
}
