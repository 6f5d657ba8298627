/* SPDX-License-Identifier: MIT */
/* Asks until there is an answer: whoever could give it may be just beginning. */
#include "config.h"

#include "steer_ask.h"

#include <sys/socket.h>

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fs/control.h"
#include "fs/root.h"
#include "util/auto.h"
#include "util/env.h"

#define ANSWER	65536 /* bytes, at most */
#define BETWEEN (NSEC / 10) /* two questions */

struct asking {
	struct env *env;
	struct root *root;
	enum steer_what what;
	int64_t end; /* ticks */
	int stop;
	uint64_t number;
};

/* Until fd (-1: nothing) is readable, or `longest` is over. */
static enum status
wait_for(const struct asking *a, int fd, int64_t longest, struct err *err)
{
	struct pollfd p[2] = {
		{ .fd = fd, .events = POLLIN },
		{ .fd = a->stop, .events = POLLIN },
	};
	const int64_t left = a->end - env_ticks(a->env);
	const int64_t ns = left < longest ? left : longest;

	if (left <= 0)
		return err_set(err, ST_TIMEOUT, "no answer in time");
	if (poll(p, 2,
		ns / 1000000 >= INT32_MAX ? -1 : (int)(ns / 1000000) + 1) ==
		-1 &&
	    errno != EINTR)
		return err_sys(err, errno, "poll");
	if (p[1].revents != 0)
		return err_set(err, ST_SIGNAL, "interrupted");
	return ST_OK;
}

/* One line into buf; "" if the other end has closed before it was whole. */
static enum status
read_line(const struct asking *a, int fd, char *buf, struct err *err)
{
	size_t len = 0;
	enum status st;
	ssize_t n;

	for (;;) {
		n = recv(fd, buf + len, ANSWER - 1 - len, MSG_DONTWAIT);
		if (n == -1 && errno == EAGAIN) {
			st = wait_for(a, fd, INT64_MAX, err);
			if (st != ST_OK)
				return st;
			continue;
		}
		if (n > 0)
			len += (size_t)n;
		buf[len] = '\0';
		if (n > 0 && buf[len - 1] != '\n' && len < ANSWER - 1)
			continue;
		if (n <= 0)
			buf[0] = '\0';
		return ST_OK;
	}
}

/* *ret: NULL if there was no answer. */
static enum status
ask_once(struct asking *a, json_t **ret, struct err *err)
{
	autofree char *buf = malloc(ANSWER);
	autoclose int fd = -1;
	char line[STEER_LINE];
	enum status st = control_dial(a->root, &fd, err);
	json_t *again;

	*ret = NULL;
	if (st != ST_OK)
		return st;
	if (buf == NULL)
		return err_nomem(err);
	snprintf(line, sizeof(line), "%s %" PRIu64 "\n", steer_word(a->what),
	    a->number);
	(void)!send(fd, line, strlen(line), MSG_NOSIGNAL);
	st = read_line(a, fd, buf, err);
	if (st != ST_OK || buf[0] == '\0')
		return st;
	*ret = json_loads(buf, 0, NULL);
	if (!json_is_object(*ret)) {
		json_decref(*ret);
		*ret = NULL;
		return err_set(err, ST_PROTO,
		    "the one who watches answers what can't be read");
	}
	again = json_object_get(*ret, "again");
	if (again == NULL)
		return ST_OK;
	a->number = (uint64_t)json_integer_value(again);
	json_decref(*ret);
	*ret = NULL;
	return ST_OK;
}

bool
steer_is_watched(struct env *env, const char *dir)
{
	AUTO(root) struct root *root = NULL;
	autoclose int fd = -1;
	struct err ignored;

	return root_open(env, dir, NULL, true, &root, &ignored) == ST_OK &&
	    control_dial(root, &fd, &ignored) == ST_OK;
}

enum status
steer_ask(struct env *env, const char *dir, enum steer_what what,
    int64_t timeout, int stop, json_t **ret, struct err *err)
{
	AUTO(root) struct root *root = NULL;
	struct asking a = { .env = env,
		.what = what,
		.end = timeout > 0 ? env_ticks(env) + timeout : INT64_MAX,
		.stop = stop };
	enum status st = root_open(env, dir, NULL, true, &root, err);

	*ret = NULL;
	a.root = root;
	while (st == ST_OK) {
		st = ask_once(&a, ret, err);
		if (st != ST_OK || *ret != NULL)
			break;
		st = wait_for(&a, -1, BETWEEN, err);
	}
	return st;
}
