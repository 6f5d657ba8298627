/* SPDX-License-Identifier: MIT */
/*
 * Everything that can be refused is refused before anything is made: a
 * missing source, a folder inside the other, a host.
 */
#include "config.h"

#include "sides.h"

#include <sys/stat.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "command.h"
#include "fs/root.h"
#include "place.h"
#include "sync/client.h"
#include "util/auto.h"
#include "util/str.h"

static bool
is_ours(const struct side *side)
{
	return side->path != NULL && (side->made || side->standin);
}

static void
side_remove(const struct side *side)
{
	/* Fails, as it should, where there is something in it. */
	if (is_ours(side))
		(void)!rmdir(side->path);
}

static void
side_fini(struct side *side)
{
	free(side->typed);
	free(side->at);
	free(side->path);
	place_fini(&side->place);
}

const char *
side_name(const struct side *side)
{
	return side->path != NULL ? side->path : side->typed;
}

void
sides_fini(struct sides *sides)
{
	if (sides->cleaner > 0) {
		close(sides->cleaner);
		while (waitpid(sides->cleaner_pid, NULL, 0) == -1 &&
		    errno == EINTR)
			;
	} else {
		side_remove(&sides->client);
		side_remove(&sides->server);
	}
	side_fini(&sides->client);
	side_fini(&sides->server);
	memset(sides, 0, sizeof(*sides));
}

/* Whatever becomes of the process that waits for it: it cleans up. */
static void
clean_when_closed(const struct sides *sides, int fd)
{
	char c;

	signal(SIGINT, SIG_IGN);
	signal(SIGTERM, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	while (read(fd, &c, 1) == -1 && errno == EINTR)
		;
	side_remove(&sides->client);
	side_remove(&sides->server);
	_exit(0);
}

enum status
sides_keep_cleanup(struct sides *sides, struct err *err)
{
	int fds[2];

	if (!is_ours(&sides->client) && !is_ours(&sides->server))
		return ST_OK;
	if (pipe2(fds, O_CLOEXEC) == -1)
		return err_sys(err, errno, "pipe");
	fflush(NULL);
	sides->cleaner_pid = fork();
	if (sides->cleaner_pid == 0) {
		close(fds[1]);
		clean_when_closed(sides, fds[0]);
	}
	close(fds[0]);
	if (sides->cleaner_pid == -1) {
		close(fds[1]);
		return err_sys(err, errno, "fork");
	}
	sides->cleaner = fds[1];
	return ST_OK;
}

/* A path that is not there yet: its parent, resolved, and its last name. */
static char *
resolve_missing(const char *path)
{
	const char *slash = strrchr(path, '/');
	autofree char *parent = NULL;
	autofree char *real = NULL;
	char *whole = NULL;
	const char *name = slash == NULL ? path : slash + 1;

	if (strcmp(name, "") == 0 || strcmp(name, ".") == 0 ||
	    strcmp(name, "..") == 0)
		return NULL;
	if (slash == NULL)
		parent = strdup(".");
	else
		parent = strndup(path,
		    slash == path ? 1 : (size_t)(slash - path));
	real = parent == NULL ? NULL : realpath(parent, NULL);
	if (real == NULL ||
	    asprintf(&whole, "%s/%s", strcmp(real, "/") == 0 ? "" : real,
		name) == -1)
		return NULL;
	return whole;
}

/* A preset of another machine, by the one name it is remembered under. */
static enum status
remote_find(struct side *ret, struct err *err)
{
	char shown[STR_SHOW];

	if (ret->place.preset == NULL)
		return err_set(err, ST_USAGE,
		    "%s:%s: a server offers folders by name, as in "
		    "%s:/preset/NAME; \"dsync presets %s:\" lists them",
		    ret->place.login, str_show(shown, ret->place.path),
		    ret->place.login, place_host(&ret->place));
	if (asprintf(&ret->typed, "%s:/preset/%s", ret->place.login,
		ret->place.preset) == -1)
		return err_nomem(err);
	return ST_OK;
}

static enum status
local_find(bool may_miss, struct side *ret, struct err *err)
{
	char shown[STR_SHOW];
	struct stat sb;

	str_show(shown, ret->place.path);
	ret->typed = strdup(ret->place.path);
	ret->path = realpath(ret->place.path, NULL);
	if (ret->typed == NULL)
		return err_nomem(err);
	if (ret->path != NULL) {
		if (stat(ret->path, &sb) == 0 && S_ISDIR(sb.st_mode))
			return ST_OK;
		return err_set(err, ST_FOLDER, "%s: not a folder", shown);
	}
	if (errno != ENOENT)
		return err_set(err, ST_FOLDER, "%s: %s", shown,
		    strerror(errno));
	if (!may_miss)
		return err_set(err, ST_FOLDER, "%s: there is no such folder",
		    shown);
	ret->missing = true;
	ret->path = resolve_missing(ret->place.path);
	if (ret->path == NULL)
		return err_set(err, ST_FOLDER,
		    "%s: neither it nor the folder above exists", shown);
	return ST_OK;
}

static enum status
side_find(const char *typed, bool may_miss, struct side *ret, struct err *err)
{
	enum status st = place_parse(typed, &ret->place, err);

	if (st != ST_OK)
		return st;
	return ret->place.remote ? remote_find(ret, err) :
				   local_find(may_miss, ret, err);
}

/* Refused now rather than when the other side has been made already. */
static enum status
check_fit(const struct invocation *inv, const struct side *side, bool known,
    struct err *err)
{
	AUTO(root) struct root *root = NULL;
	char shown[STR_SHOW];
	enum status st;

	if (side->missing || side->path == NULL)
		return ST_OK;
	st = root_open(inv->env, side->path, getenv("HOME"), true, &root, err);
	if (st == ST_OK && known && root_private_fd(root) == -1)
		st = err_set(err, ST_FOLDER,
		    "%s: is another folder than a moment ago, without a .dsync: "
		    "is it unmounted?",
		    str_show(shown, side->typed));
	return st;
}

static enum status
refuse_nested(const struct sides *sides, struct err *err)
{
	char a[STR_SHOW], b[STR_SHOW];

	if (sides->server.path == NULL ||
	    !root_nested(sides->client.path, sides->server.path))
		return ST_OK;
	str_show(a, sides->client.typed);
	str_show(b, sides->server.typed);
	if (strcmp(sides->client.path, sides->server.path) == 0)
		return err_set(err, ST_FOLDER, "%s and %s are the same folder",
		    a, b);
	return err_set(err, ST_FOLDER, "%s and %s: one lies inside the other",
	    a, b);
}

/* The remote that a folder knows; "" if it knows none. */
static enum status
remembered(const struct invocation *inv, const struct side *side,
    char buf[PATH_MAX], struct err *err)
{
	buf[0] = '\0';
	if (side->missing)
		return ST_OK;
	return client_remembered(inv->env, side->path, buf, PATH_MAX, err);
}

static void
exchange(struct sides *sides)
{
	const struct side side = sides->client;

	sides->client = sides->server;
	sides->server = side;
}

/*
 * Swaps the two if they have met the other way round: what they agreed on
 * then is worth more than who is named first.
 */
static void
keep_roles(const struct invocation *inv, struct sides *sides)
{
	char known[PATH_MAX];

	if (remembered(inv, &sides->client, known, NULL) == ST_OK &&
	    strcmp(known, sides->server.path) == 0)
		return;
	if (remembered(inv, &sides->server, known, NULL) != ST_OK ||
	    strcmp(known, sides->client.path) != 0)
		return;
	exchange(sides);
	sides->swapped = true;
}

/* What is on another machine is the server, whichever way it was typed. */
static enum status
place_server(const struct sides_wish *wish, struct sides *sides,
    struct err *err)
{
	if (sides->client.path == NULL && sides->server.path == NULL)
		return err_set(err, ST_USAGE,
		    "%s and %s: one of the two has to be a folder here",
		    sides->client.typed, sides->server.typed);
	if (sides->client.path != NULL)
		return ST_OK;
	exchange(sides);
	sides->swapped = wish->as_typed;
	return ST_OK;
}

static enum status
find_two(const struct invocation *inv, const struct sides_wish *wish,
    struct sides *sides, struct err *err)
{
	const bool client_first = wish->order == SIDES_CLIENT_FIRST;
	struct side *first = client_first ? &sides->client : &sides->server;
	struct side *second = client_first ? &sides->server : &sides->client;
	enum status st;

	st = side_find(inv->args[0], false, first, err);
	if (st == ST_OK)
		st = side_find(inv->args[1], wish->make_second, second, err);
	if (st == ST_OK && first->path != NULL && second->path != NULL)
		keep_roles(inv, sides);
	else if (st == ST_OK)
		st = place_server(wish, sides, err);
	return st;
}

static enum status
find_remembered(const struct invocation *inv, struct sides *sides,
    struct err *err)
{
	const char *dir = inv->n_args == 0 ? "." : inv->args[0];
	char known[PATH_MAX], shown[STR_SHOW];
	enum status st;

	st = side_find(dir, false, &sides->client, err);
	if (st == ST_OK)
		st = remembered(inv, &sides->client, known, err);
	if (st != ST_OK)
		return st;
	if (known[0] == '\0')
		return err_set(err, ST_USAGE,
		    "%s remembers no other folder to sync with: name both",
		    str_show(shown, dir));
	return side_find(known, false, &sides->server, err);
}

enum status
sides_find(const struct invocation *inv, const struct sides_wish *wish,
    struct sides *ret, struct err *err)
{
	__attribute__((cleanup(auto_sides))) struct sides sides = { 0 };
	enum status st;

	if (inv->n_args == 2)
		st = find_two(inv, wish, &sides, err);
	else
		st = find_remembered(inv, &sides, err);
	if (st == ST_OK)
		st = check_fit(inv, &sides.client, false, err);
	if (st == ST_OK)
		st = check_fit(inv, &sides.server, false, err);
	if (st == ST_OK)
		st = refuse_nested(&sides, err);
	if (st != ST_OK)
		return st;
	*ret = sides;
	memset(&sides, 0, sizeof(sides));
	return ST_OK;
}

enum status
sides_still(const struct invocation *inv, const struct sides *sides,
    struct err *err)
{
	enum status st = check_fit(inv, &sides->client, true, err);

	return st == ST_OK ? check_fit(inv, &sides->server, true, err) : st;
}

static enum status
make_standin(struct side *side, struct err *err)
{
	const char *tmp = getenv("TMPDIR");
	autofree char *path = NULL;

	if (asprintf(&path, "%s/dsync-empty.XXXXXX",
		tmp == NULL || *tmp == '\0' ? "/tmp" : tmp) == -1)
		return err_nomem(err);
	if (mkdtemp(path) == NULL)
		return err_sys(err, errno, "an empty folder in %s",
		    tmp == NULL || *tmp == '\0' ? "/tmp" : tmp);
	free(side->path);
	side->path = path;
	path = NULL;
	side->standin = true;
	return ST_OK;
}

static enum status
make_side(struct side *side, bool dry_run, struct err *err)
{
	char shown[STR_SHOW];

	if (!side->missing)
		return ST_OK;
	if (dry_run)
		return make_standin(side, err);
	if (mkdir(side->path, 0777) == -1)
		return err_set(err, ST_FOLDER, "%s: can't be made: %s",
		    str_show(shown, side->typed), strerror(errno));
	side->made = true;
	side->missing = false;
	return ST_OK;
}

enum status
sides_make(struct sides *sides, bool dry_run, struct err *err)
{
	enum status st = make_side(&sides->client, dry_run, err);

	return st == ST_OK ? make_side(&sides->server, dry_run, err) : st;
}
