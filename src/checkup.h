/* SPDX-License-Identifier: MIT */
#ifndef DSYNC_CHECKUP_H
#define DSYNC_CHECKUP_H

/* What doctor looks at, and one line for each thing it finds. */

#include "util/err.h"

struct invocation;

enum checkup_verdict {
	CHECKUP_OK,
	CHECKUP_WARN, /* it works, but not as well as it could */
	CHECKUP_FAIL, /* it does not work until somebody does something */
	CHECKUP__MAX,
};

struct checkup {
	const struct invocation *inv;
	unsigned found[CHECKUP__MAX];
};

/* what: one word for the thing; the text says what to do, if anything. */
void checkup_say(struct checkup *c, enum checkup_verdict verdict,
    const char *what, const char *fmt, ...) PRINTF_LIKE(4, 5);

void checkup_system(struct checkup *c);
void checkup_presets(struct checkup *c);
void checkup_folder(struct checkup *c, const char *path);
void checkup_host(struct checkup *c, const char *typed);

#endif
