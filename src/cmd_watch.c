/* SPDX-License-Identifier: MIT */
/*
 * dsync watch: both ways, and on.  Each session is a child, for a process that
 * has shut itself in for one connection can't make the next; this one reads
 * nothing that comes from elsewhere.  It starts the next child when the link
 * of the last one broke, later and later as long as that helps nothing.
 */
#include "config.h"

#include <sys/prctl.h>
#include <sys/timerfd.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "command.h"
#include "notify.h"
#include "options.h"
#include "output.h"
#include "run.h"
#include "signals.h"
#include "util/auto.h"
#include "util/env.h"

#define WAIT_FIRST NSEC
#define WAIT_MOST  (60 * NSEC)

struct watch {
	const struct invocation *inv;
	int stop; /* readable: somebody wants an end */
	bool stopped;
	bool been; /* a session has come to rest, ever */
	int64_t wait; /* before the next one, ns */
};

static enum exitcode
no_process(const struct watch *w, const char *what)
{
	struct err err;

	(void)!err_sys(&err, errno, "%s", what);
	return output_fail(w->inv, &err);
}

/* The child: one session, which says on `live` that it rests. */
static void
be_session(const struct watch *w, int live)
{
	const struct run_kind kind = {
		.sides = { .order = SIDES_SERVER_FIRST, .make_second = true },
		.direction = DIRECTION_BOTH,
		.live = live,
		/* From the second try on the same text says nothing new. */
		.hush = w->wait > WAIT_FIRST && w->inv->options->verbose == 0,
	};

	/* Nobody would hear of it any more. */
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	exit((int)output_close(run(w->inv, &kind)));
}

/* Until the child has ended, which closes `live`. */
static void
attend(struct watch *w, pid_t child, int live)
{
	struct pollfd p[2] = {
		{ .fd = live, .events = POLLIN },
		{ .fd = w->stop, .events = POLLIN },
	};
	char c;

	for (;;) {
		if (poll(p, 2, -1) == -1 && errno != EINTR)
			return;
		if (p[1].revents != 0) {
			w->stopped = true;
			p[1].fd = -1;
			kill(child, SIGTERM);
		}
		if (p[0].revents == 0)
			continue;
		if (read(live, &c, 1) != 1)
			return;
		if (!w->been)
			notify_ready();
		w->been = true;
		w->wait = WAIT_FIRST;
	}
}

static enum exitcode
session(struct watch *w)
{
	autoclose int live = -1;
	int fds[2], status = 0;
	pid_t child;

	if (pipe2(fds, O_CLOEXEC) == -1)
		return no_process(w, "pipe");
	fflush(NULL);
	child = fork();
	if (child == 0) {
		close(fds[0]);
		be_session(w, fds[1]);
	}
	live = fds[0];
	close(fds[1]);
	if (child == -1)
		return no_process(w, "fork");
	attend(w, child, live);
	while (waitpid(child, &status, 0) == -1 && errno == EINTR)
		;
	if (WIFEXITED(status))
		return (enum exitcode)WEXITSTATUS(status);
	fprintf(stderr, "dsync: the session was ended by signal %d\n",
	    WTERMSIG(status));
	return EXITCODE_LINK;
}

/* Will it help to try again? */
static bool
may_pass(const struct watch *w, enum exitcode code)
{
	switch ((int)code) {
	case EXITCODE_LINK:
	case EXITCODE_TIMEOUT:
	case EXITCODE_CONNECT_TIMEOUT:
		return true;
	case EXITCODE_PEER:
	case EXITCODE_BUSY:
		return w->been;
	default:
		return false;
	}
}

/*
 * A fifth more or less, so that many clients of a server that was away do not
 * come all at once.  The time in which the machine sleeps counts.
 */
static void
pause_before_next(struct watch *w)
{
	uint16_t dice;
	struct itimerspec when = { 0 };
	autoclose int timer = timerfd_create(CLOCK_BOOTTIME, TFD_CLOEXEC);
	struct pollfd p[2] = {
		{ .fd = timer, .events = POLLIN },
		{ .fd = w->stop, .events = POLLIN },
	};
	int64_t ns;

	env_random(w->inv->env, &dice, sizeof(dice));
	ns = w->wait / 5 * 4 + w->wait / 5 * 2 * dice / UINT16_MAX;
	when.it_value = (struct timespec){ .tv_sec = ns / NSEC,
		.tv_nsec = ns % NSEC };
	if (timer != -1)
		timerfd_settime(timer, 0, &when, NULL);
	while (poll(p, 2, timer == -1 ? 1000 : -1) == -1 && errno == EINTR)
		;
	w->stopped |= p[1].revents != 0;
	w->wait = w->wait < WAIT_MOST / 2 ? w->wait * 2 : WAIT_MOST;
}

static void
tell_pause(const struct watch *w)
{
	if (!w->inv->options->quiet && !w->inv->options->json &&
	    (w->wait == WAIT_FIRST || w->inv->options->verbose > 0))
		fprintf(stderr, "dsync: trying again in a moment\n");
}

static enum exitcode
run_watch(const struct invocation *inv)
{
	struct watch w = { .inv = inv, .wait = WAIT_FIRST };
	enum exitcode code = EXITCODE_OK;
	struct err err;

	if (inv->options->dry_run) {
		(void)!err_set(&err, ST_USAGE,
		    "watch: there is no dry run of it; see dsync sync -n");
		return output_fail(inv, &err);
	}
	if (signals_catch(&w.stop, &err) != ST_OK)
		return output_fail(inv, &err);
	while (!w.stopped) {
		code = session(&w);
		if (w.stopped || !may_pass(&w, code))
			break;
		tell_pause(&w);
		pause_before_next(&w);
	}
	return w.stopped ? EXITCODE_SIGNAL : code;
}

const struct command cmd_watch = {
	.name = "watch",
	.args = "[OPTION]... [FOLDER] FOLDER",
	.what = "both ways, and on: whatever changes goes over at once",
	.more =
	    "Keeps two folders the same until it is stopped.  The one named first plays\n"
	    "the server; later runs need only the other, or none: the current folder.\n",
	.groups = OPTIONS_ALL | OPTIONS_RUN | OPTIONS_LINK | OPTIONS_CHANGE |
	    OPTIONS_WATCH,
	.max_args = 2,
	.run = run_watch,
};
