/* SPDX-License-Identifier: MIT */
#ifndef DSYNC_INQUIRE_H
#define DSYNC_INQUIRE_H

/* Asking a server what it offers: presets and doctor do. */

#include <stdbool.h>

#include "util/err.h"

struct ask;
struct invocation;

/* True if a person would take it for another machine: HOST: or HOST::. */
bool inquire_is_host(const char *typed);

/*
 * typed: [USER@]HOST, with or without a colon.  *ret is the caller's to
 * ask_free(); after a failure, too, it may hold what was said by then.
 */
enum status inquire(const struct invocation *inv, const char *typed,
    struct ask **ret, struct err *err) MUST_CHECK;

#endif
