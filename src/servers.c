/* SPDX-License-Identifier: MIT */
/*
 * Each try is a child, for a process that has shut itself in for one
 * connection can't make the next.  It says on a pipe that there was no link;
 * that it has ended the pipe says anyway.
 */
#include "config.h"

#include "servers.h"

#include <sys/prctl.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "command.h"
#include "output.h"
#include "run.h"
#include "signals.h"
#include "util/auto.h"

struct
try {
	const struct invocation *inv;
	struct sides *sides;
	struct run_kind kind;
	int stop; /* readable: somebody wants an end */
	pid_t pid;
};

static enum exitcode
no_process(const struct try *t, const char *what)
{
	struct err err;

	(void)!err_sys(&err, errno, "%s", what);
	return output_fail(t->inv, &err);
}

static void
be_run(struct try *t, int passed)
{
	enum exitcode code;

	/* Nobody would hear of it any more. */
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	t->kind.passed = passed;
	code = run_between(t->inv, &t->kind, t->sides);
	sides_fini(t->sides);
	exit((int)output_close(code));
}

/* Until it has ended, which closes fd; true: it passes the run on. */
static bool
attend(const struct try *t, int fd)
{
	struct pollfd p[2] = {
		{ .fd = fd, .events = POLLIN },
		{ .fd = t->stop, .events = POLLIN },
	};
	bool passed = false;
	char c;

	for (;;) {
		if (poll(p, 2, -1) == -1)
			continue;
		if (p[1].revents != 0) {
			p[1].fd = -1;
			kill(t->pid, SIGTERM);
		}
		if (p[0].revents == 0)
			continue;
		if (read(fd, &c, 1) != 1)
			return passed && p[1].fd != -1;
		passed = true;
	}
}

/* *ret_passed: there was no link to this one. */
static enum exitcode
try_one(struct try *t, bool *ret_passed)
{
	autoclose int end = -1;
	int fds[2], status = 0;

	*ret_passed = false;
	if (pipe2(fds, O_CLOEXEC) == -1)
		return no_process(t, "pipe");
	fflush(NULL);
	t->pid = fork();
	if (t->pid == 0) {
		close(fds[0]);
		be_run(t, fds[1]);
	}
	end = fds[0];
	close(fds[1]);
	if (t->pid == -1)
		return no_process(t, "fork");
	*ret_passed = attend(t, end);
	while (waitpid(t->pid, &status, 0) == -1 && errno == EINTR)
		;
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
	struct try t = { .inv = inv, .sides = sides, .kind = *kind };
	enum exitcode code = EXITCODE_OK;
	bool passed = true;
	struct err err;

	if (signals_catch(&t.stop, &err) != ST_OK)
		return output_fail(inv, &err);
	for (place->turn = 0; passed && place->turn < place->n_servers;
	     place->turn++) {
		t.kind.next = place->turn + 1 < place->n_servers ?
		    place->servers[place->turn + 1] :
		    NULL;
		code = try_one(&t, &passed);
	}
	place->turn = 0;
	return code;
}
