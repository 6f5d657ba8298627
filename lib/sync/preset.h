/* SPDX-License-Identifier: MIT */
#ifndef DSYNC_SYNC_PRESET_H
#define DSYNC_SYNC_PRESET_H

/*
 * What a server offers: folders with a name and a policy, from presets.conf.
 * Nothing in such a file is ever passed over: what is not understood, or
 * doubtful, is an error with file, line and reason.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/reconcile.h"
#include "util/auto.h"
#include "util/err.h"

struct env;
struct presets;

/* bytes of a name, with its NUL; inih keeps 49 of "preset NAME" */
#define PRESET_NAME 43
#define PRESET_RULES                                                           \
	((size_t)32 * 1024) /* bytes of all ignore and include lines */

struct preset {
	char name[PRESET_NAME];
	char *file; /* where it is defined */
	char *path; /* of the folder, absolute */
	char *description; /* or NULL */
	enum access access;
	bool have_conflict;
	enum conflict_rule conflict;
	bool hidden;
	uint64_t max_size; /* of a file; 0: the default */
	int64_t keep_age; /* of versions; 0: the default */
	uint64_t keep_size;
	uint64_t quota; /* bytes of all files; 0: none */
	uint64_t rate; /* bytes a second, each way; 0: any */
	unsigned mode; /* of new files, as 0664; 0: by the umask */
	char *rules; /* lines: ignore, and include with a "!"; or NULL */
};

/* Letters, digits, "._-", not at the start "." or "-". */
bool preset_name_ok(const char *name);

bool preset_key_ok(const char *key);

/*
 * Adds what the file at path defines; a file that is not there defines
 * nothing.  home is what "~/" in a path stands for, or NULL.
 */
enum status presets_new(struct presets **ret) MUST_CHECK;
enum status presets_load(struct presets *presets, struct env *env,
    const char *path, const char *home, struct err *err) MUST_CHECK;
void presets_free(struct presets *presets);

/* The same for the text of a file that is called so. */
enum status presets_add_text(struct presets *presets, const char *file,
    const char *text, const char *home, struct err *err) MUST_CHECK;

/* ST_USAGE if "KEY = VALUE" can't stand in a file. */
enum status preset_check(const char *key, const char *value, const char *home,
    struct err *err) MUST_CHECK;
AUTO_DEFINE(presets);

size_t presets_count(const struct presets *presets);
const struct preset *presets_at(const struct presets *presets, size_t i);
const struct preset *presets_find(const struct presets *presets,
    const char *name); /* or NULL */

#endif
