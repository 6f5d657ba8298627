/* SPDX-License-Identifier: MIT */
#ifndef DSYNC_OFFER_H
#define DSYNC_OFFER_H

/* The presets that this account offers. */

#include "util/err.h"

struct env;
struct presets;

#define OFFER_SYSTEM "/etc/dsync/presets.conf"

/* The account's own file; NULL if there is neither home nor memory. */
char *offer_file(void);

/* Of both files. */
enum status offer_load(struct env *env, struct presets **ret,
    struct err *err) MUST_CHECK;

#endif
