/* SPDX-License-Identifier: MIT */
#ifndef DSYNC_CORE_FILTER_H
#define DSYNC_CORE_FILTER_H

/*
 * Which names are synced.  Rules are gitignore's (doc: git help gitignore):
 * "*", "?", "[a-z]", "**", a leading "/" or a slash inside anchors to the
 * rule's folder, a trailing "/" means folders only, "!" takes back, "\"
 * escapes, "#" comments, trailing blanks don't count unless escaped; the last
 * rule that matches decides; below an excluded folder nothing is included.
 * Rules come from .dsyncignore files, which bind their folder and what is
 * below it (deeper files are stronger), and from options (the strongest).
 * A policy stands beside them: what it excludes nothing brings back, and it
 * brings nothing back that they exclude.
 *
 * Names that begin with "." are excluded unless hidden is set, save
 * .dsyncignore itself; .dsync is excluded always, and no rule can take
 * .dsyncignore files of a folder that is itself included out.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/auto.h"
#include "util/err.h"

#define FILTER_FILE_LIMIT (256 * 1024) /* bytes of one .dsyncignore */
#define FILTER_RULE_LIMIT 10000 /* rules in all */

struct filter;

struct filter_verdict {
	bool excluded;
	const char *rule; /* the rule's text, or NULL; the filter's */
	const char *where; /* "--exclude", "--include", "notes/.dsyncignore",
			    "hidden", "private" (.dsync), "preset", or NULL */
	unsigned line; /* in that file, or 0 */
};

enum status filter_new(bool hidden, uint64_t max_size,
    struct filter **ret) MUST_CHECK;
void filter_free(struct filter *f);
AUTO_DEFINE(filter);

/* One rule as from --exclude (or, with a leading "!", --include). */
enum status filter_add_option(struct filter *f, const char *rule,
    struct err *err) MUST_CHECK;

/*
 * The contents of dir/.dsyncignore (dir "" is the root).  A folder's file is
 * added before anything below that folder is asked about.
 */
enum status filter_add_file(struct filter *f, const char *dir, const char *text,
    size_t len, struct err *err) MUST_CHECK;

/* The policy: lines as in .dsyncignore.  Replaces the one before. */
enum status filter_set_policy(struct filter *f, const char *text, size_t len,
    struct err *err) MUST_CHECK;

/* Forgets the rules of files; those of options and the policy stay. */
void filter_clear_files(struct filter *f);

/*
 * Judges path, whose parent folder is known to be included: a walk that does
 * not enter excluded folders asks this, one call a name.
 */
void filter_judge(const struct filter *f, const char *path, bool is_dir,
    struct filter_verdict *ret);

/* Judges path and every folder above it; path itself is a file. */
void filter_judge_deep(const struct filter *f, const char *path,
    struct filter_verdict *ret);

uint64_t filter_max_size(const struct filter *f);

#endif
