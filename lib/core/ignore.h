/* SPDX-License-Identifier: MIT */
#ifndef DSYNC_CORE_IGNORE_H
#define DSYNC_CORE_IGNORE_H

/* The rules of one .dsyncignore file, or of one option: see filter.h. */

#include <stdbool.h>
#include <stddef.h>

#include "util/auto.h"
#include "util/err.h"

struct filter_verdict;
struct ignore;

/* The path that is asked about. */
struct ignore_subject {
	const char *path;
	size_t len;
	size_t name; /* where its last component begins */
	bool is_dir;
};

/* One rule, taken as it is; ST_USAGE if it can never match. */
enum status ignore_new_option(const char *rule, struct ignore **ret) MUST_CHECK;

/*
 * The lines of dir's file.  Rules that can never match are left out; reading
 * ends when there are more than limit rules.
 */
enum status ignore_new_file(const char *dir, const char *text, size_t len,
    size_t limit, struct ignore **ret) MUST_CHECK;

void ignore_free(struct ignore *set);
AUTO_DEFINE(ignore);

size_t ignore_count(const struct ignore *set);

/* Orders sets by their folders; dir has len bytes. */
int ignore_compare(const struct ignore *set, const char *dir, size_t len);

/*
 * The last rule that matches decides: it fills ret and the answer is true.
 * The subject lies in the set's folder or below it.
 */
bool ignore_ask(const struct ignore *set, const struct ignore_subject *subject,
    struct filter_verdict *ret);

#endif
