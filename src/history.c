/* SPDX-License-Identifier: MIT */
/*
 * From a path of the file system to the journals of the folder it lies in.
 * The path need not exist: histories are asked for what is gone, too.
 */
#include "config.h"

#include "history.h"

#include <sys/stat.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "command.h"
#include "core/path.h"
#include "options.h"
#include "output.h"
#include "sync/replica.h"
#include "util/auto.h"
#include "util/env.h"
#include "util/hash.h"
#include "util/str.h"

void
history_fini(struct history *history)
{
	replica_free(history->client);
	replica_free(history->server);
	free(history->root);
	free(history->path);
	memset(history, 0, sizeof(*history));
}

static bool
is_folder(const char *path)
{
	struct stat sb;

	return stat(path, &sb) == 0 && S_ISDIR(sb.st_mode);
}

static char *
join(const char *dir, const char *name)
{
	char *whole;

	if (asprintf(&whole, "%s/%s", strcmp(dir, "/") == 0 ? "" : dir, name) ==
	    -1)
		return NULL;
	return whole;
}

/* realpath() of what stands before the slash; NULL slash: of this folder. */
static char *
resolve_head(char *copy, char *slash)
{
	char *real;

	if (slash == NULL || slash == copy)
		return realpath(slash == NULL ? "." : "/", NULL);
	*slash = '\0';
	real = realpath(copy, NULL);
	*slash = '/';
	return real;
}

/*
 * Absolute and without symlinks, but for the last name: of a file it is the
 * name that counts.  What does not exist is taken as it was written.
 */
static char *
resolve(const char *typed)
{
	autofree char *copy = strdup(typed);
	autofree char *real = NULL;
	char *slash, *end;
	const char *tail;

	if (copy == NULL || is_folder(copy))
		return copy == NULL ? NULL : realpath(copy, NULL);
	end = copy + strlen(copy);
	while (end > copy && end[-1] == '/')
		*--end = '\0';
	do {
		slash = memrchr(copy, '/', (size_t)(end - copy));
		tail = slash == NULL ? copy : slash + 1;
		real = resolve_head(copy, slash);
		if (real == NULL && (slash == NULL || errno != ENOENT))
			return NULL;
		end = slash;
	} while (real == NULL);
	return path_fault(tail, strlen(tail)) == NULL ? join(real, tail) : NULL;
}

/* The nearest folder at or above whole that has a .dsync. */
static enum status
find_root(const char *typed, struct history *h, struct err *err)
{
	autofree char *whole = resolve(typed);
	autofree char *root = whole == NULL ? NULL : strdup(whole);
	char shown[STR_SHOW];
	char *slash;

	while (root != NULL && *root != '\0') {
		autofree char *private = join(root, PATH_PRIVATE);

		if (private != NULL && is_folder(private))
			break;
		slash = strrchr(root, '/');
		if (slash != NULL)
			*slash = '\0';
	}
	if (root == NULL || *root == '\0')
		return err_set(err, ST_FOLDER,
		    "%s: neither a synced folder nor in one",
		    str_show(shown, typed));
	h->path = strdup(
	    whole[strlen(root)] == '\0' ? "" : whole + strlen(root) + 1);
	h->root = root;
	root = NULL;
	return h->path == NULL ? err_nomem(err) : ST_OK;
}

/* *ret stays NULL if the folder never had that role. */
static enum status
open_role(const struct invocation *inv, const char *root, bool server,
    struct replica **ret, struct err *err)
{
	const struct replica_opts opts = { .path = root,
		.server = server,
		.read_only = true };
	AUTO(replica) struct replica *r = NULL;
	enum status st = replica_open(inv->env, &opts, &r, err);

	if (st != ST_OK || r->db == NULL)
		return st;
	*ret = r;
	r = NULL;
	return ST_OK;
}

enum status
history_find(const struct invocation *inv, struct history *ret, struct err *err)
{
	return find_root(inv->n_args == 0 ? "." : inv->args[0], ret, err);
}

enum status
history_open(const struct invocation *inv, struct history *ret, struct err *err)
{
	__attribute__((cleanup(auto_history))) struct history h = { 0 };
	char shown[STR_SHOW];
	enum status st = history_find(inv, &h, err);

	if (st == ST_OK)
		st = open_role(inv, h.root, false, &h.client, err);
	if (st == ST_OK)
		st = open_role(inv, h.root, true, &h.server, err);
	if (st != ST_OK)
		return st;
	if (h.client == NULL && h.server == NULL)
		return err_set(err, ST_FOLDER,
		    "%s: nothing was synced here yet", str_show(shown, h.root));
	*ret = h;
	memset(&h, 0, sizeof(h));
	return ST_OK;
}

/* Calls each for every journal there is. */
static enum status
for_each(const struct history *history,
    enum status (*each)(void *ctx, struct db *db, struct err *err), void *ctx,
    struct err *err)
{
	enum status st = ST_OK;

	if (history->client != NULL)
		st = each(ctx, history->client->db, err);
	if (st == ST_OK && history->server != NULL)
		st = each(ctx, history->server->db, err);
	return st;
}

enum exitcode
history_list(const struct invocation *inv,
    enum status (*each)(void *ctx, struct db *db, struct err *err),
    const char *none)
{
	__attribute__((cleanup(auto_history))) struct history h = { 0 };
	struct history_list list = { .history = &h,
		.json = inv->options->json };
	struct err err;
	enum status st;

	st = history_open(inv, &h, &err);
	if (st == ST_OK)
		st = for_each(&h, each, &list, &err);
	if (st != ST_OK)
		return output_fail(inv, &err);
	if (!list.any && none != NULL && !list.json && !inv->options->quiet)
		puts(none);
	return EXITCODE_OK;
}

bool
history_asked(const struct history *history, const char *path)
{
	return path != NULL &&
	    (*history->path == '\0' || strcmp(path, history->path) == 0 ||
		path_below(path, history->path));
}

const char *
history_time(char buf[HISTORY_TIME], int64_t ns)
{
	const time_t t = (time_t)(ns / NSEC);
	struct tm tm;

	if (localtime_r(&t, &tm) == NULL ||
	    strftime(buf, HISTORY_TIME, "%Y-%m-%d %H:%M:%S", &tm) == 0)
		snprintf(buf, HISTORY_TIME, "-");
	return buf;
}

const char *
history_hash(char buf[HISTORY_HASH], const struct hash *hash)
{
	str_hex(hash->b, (HISTORY_HASH - 1) / 2, buf);
	return buf;
}
