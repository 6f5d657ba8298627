/* SPDX-License-Identifier: MIT */
/* What goes into a sandbox: see fs/sandbox.h for what it keeps out. */
#include "config.h"

#include "confine.h"

#include <sys/stat.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sync/preset.h"
#include "util/auto.h"

static bool
is_folder(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

enum status
confine_client(struct env *env, const char *path, bool writes, bool required,
    struct sandbox *ret, struct err *err)
{
	autofree char *private = NULL;
	struct sandbox_opts opts = { .writable = &path,
		.n_writable = 1,
		.signals = true,
		.required = required };

	if (asprintf(&private, "%s/.dsync", path) == -1)
		return err_nomem(err);
	if (writes)
		opts.scratch = private;
	return sandbox_enter(env, &opts, ret, err);
}

enum status
confine_asker(struct env *env, struct sandbox *ret, struct err *err)
{
	const struct sandbox_opts opts = { .signals = true };

	return sandbox_enter(env, &opts, ret, err);
}

enum status
confine_helper(struct env *env, struct sandbox *ret, struct err *err)
{
	const struct sandbox_opts opts = { .network = true, .signals = true };

	return sandbox_enter(env, &opts, ret, err);
}

/* Whether it will write it does not know before it hears the client. */
enum status
confine_peer(struct env *env, const char *path, bool required,
    struct sandbox *ret, struct err *err)
{
	const struct sandbox_opts opts = { .writable = &path,
		.n_writable = 1,
		.required = required };

	return sandbox_enter(env, &opts, ret, err);
}

/* A preset that has no folder, or no fit one, is refused when it is meant. */
static bool
is_fit(const char *path)
{
	autofree char *real = realpath(path, NULL);

	return real != NULL && is_folder(real) && strcmp(real, "/") != 0 &&
	    strncmp(real, "/proc", 5) != 0;
}

enum status
confine_to_presets(struct env *env, const struct presets *presets,
    bool required, struct sandbox *ret, struct err *err)
{
	const size_t n = presets_count(presets);
	autofree const char **paths = calloc(n + 1, sizeof(*paths));
	struct sandbox_opts opts = { .writable = paths, .required = required };
	size_t i;

	if (paths == NULL)
		return err_nomem(err);
	for (i = 0; i < n; i++)
		if (is_fit(presets_at(presets, i)->path))
			paths[opts.n_writable++] = presets_at(presets, i)->path;
	return sandbox_enter(env, &opts, ret, err);
}
