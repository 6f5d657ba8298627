/* SPDX-License-Identifier: MIT */
/*
 * Each try is a child, for a process that has shut itself in for one
 * connection can't make the next.  It says on a pipe that there was no link;
 * that it has ended the pipe says anyway.
 */
#include "config.h"

#include "servers.h"

#include <sys/wait.h>

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "child.h"
#include "command.h"
#include "output.h"
#include "run.h"
#include "signals.h"

struct attempt {
	const struct invocation *inv;
	struct sides *sides;
	struct run_kind kind;
	int stop; /* readable: somebody wants an end */
	struct child child;
};

static void
be_run(struct attempt *a)
{
	enum exitcode code;

	a->kind.passed = a->child.fd;
	code = run_between(a->inv, &a->kind, a->sides);
	sides_fini(a->sides);
	exit((int)output_close(code));
}

/* Until it has ended; true: it passes the run on. */
static bool
attend(const struct attempt *a)
{
	struct pollfd p[2] = {
		{ .fd = a->child.fd, .events = POLLIN },
		{ .fd = a->stop, .events = POLLIN },
	};
	bool passed = false;
	char c;

	for (;;) {
		if (poll(p, 2, -1) == -1)
			continue;
		if (p[1].revents != 0) {
			p[1].fd = -1;
			kill(a->child.pid, SIGTERM);
		}
		if (p[0].revents == 0)
			continue;
		if (read(a->child.fd, &c, 1) != 1)
			return passed && p[1].fd != -1;
		passed = true;
	}
}

/* *ret_passed: there was no link to this one. */
static enum exitcode
try_one(struct attempt *a, bool *ret_passed)
{
	struct err err;
	int status;

	*ret_passed = false;
	if (child_fork(&a->child, &err) != ST_OK)
		return output_fail(a->inv, &err);
	if (a->child.pid == 0)
		be_run(a);
	*ret_passed = attend(a);
	status = child_wait(&a->child);
	if (WIFEXITED(status))
		return (enum exitcode)WEXITSTATUS(status);
	fprintf(stderr, "dsync: the run was ended by signal %d\n",
	    WTERMSIG(status));
	return EXITCODE_SIGNAL;
}

enum exitcode
servers_run(const struct invocation *inv, const struct run_kind *kind,
    struct sides *sides)
{
	struct place *place = &sides->server.place;
	struct attempt a = { .inv = inv, .sides = sides, .kind = *kind };
	enum exitcode code = EXITCODE_OK;
	bool passed = true;
	struct err err;

	if (signals_catch(&a.stop, &err) != ST_OK)
		return output_fail(inv, &err);
	for (place->turn = 0; passed && place->turn < place->n_servers;
	     place->turn++) {
		a.kind.next = place->turn + 1 < place->n_servers ?
		    place->servers[place->turn + 1] :
		    NULL;
		code = try_one(&a, &passed);
	}
	place->turn = 0;
	return code;
}
