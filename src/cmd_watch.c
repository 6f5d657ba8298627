/* SPDX-License-Identifier: MIT */
/*
 * dsync watch: both ways, and on.  Each session is a child, for a process that
 * has shut itself in for one connection can't make the next; this one reads
 * nothing that comes from elsewhere.  It starts the next child when the link
 * of the last one broke, later and later as long as that helps nothing.
 *
 * The door for the person's other commands is shared: a session answers there
 * while there is one, else this process does (watch.c).
 */
#include "config.h"

#include <sys/wait.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "command.h"
#include "fs/root.h"
#include "later.h"
#include "logfile.h"
#include "notify.h"
#include "options.h"
#include "output.h"
#include "run.h"
#include "session.h"
#include "signals.h"
#include "util/auto.h"
#include "util/env.h"
#include "watch.h"

#define WAIT_FIRST NSEC
#define WAIT_MOST  (60 * NSEC)

/* The child: one session, which says how it is. */
static void
be_session(struct watch *w)
{
	struct session session;
	const struct run_kind kind = {
		.direction = DIRECTION_BOTH,
		.session = &session,
		/* From the second try on the same text says nothing new. */
		.hush = w->wait > WAIT_FIRST && w->inv->options->verbose == 0,
	};
	struct err err;

	steer_close(&w->steer);
	/* What was made for nothing the parent takes away. */
	w->sides.client.made = w->sides.server.made = false;
	if ((w->been && sides_still(w->inv, &w->sides, &err) != ST_OK) ||
	    session_open(&session, w->inv->env, &w->control, w->session.fd,
		&err) != ST_OK)
		exit((int)output_fail(w->inv, &err));
	if (w->sides.server.place.n_servers > 1)
		session.server = place_host(&w->sides.server.place);
	exit((int)output_close(run_between(w->inv, &kind, &w->sides)));
}

static void
on_word(struct watch *w, const struct session_word *word)
{
	if (word->what == SESSION_TAKES) {
		w->taken = true;
		/* One may have come whose question is still under way. */
		steer_dismiss(&w->steer);
		return;
	}
	if (word->what == SESSION_PAUSE) {
		watch_pause(w);
		return;
	}
	if (w->wait > 0 || !w->been)
		notify("READY=1\nSTATUS=in sync, watching\n");
	w->been = true;
	w->wait = 0;
	homing_rests(&w->homing);
	after_count(&w->after, word->fetched, word->deleted, word->moved);
}

/* Until the child has ended. */
static void
attend(struct watch *w)
{
	struct session_word word;

	for (;;) {
		if (!watch_wait(w, w->session.fd))
			continue;
		if (!session_read(w->session.fd, &word))
			return;
		on_word(w, &word);
	}
}

static enum exitcode
session(struct watch *w)
{
	struct err err;
	char text[64];
	int status;

	w->tries++;
	w->hurry = w->taken = false;
	homing_begin(&w->homing);
	w->since = env_now(w->inv->env);
	if (child_fork(&w->session, &err) != ST_OK)
		return output_fail(w->inv, &err);
	if (w->session.pid == 0)
		be_session(w);
	attend(w);
	/* It has ended, or says what no session does. */
	kill(w->session.pid, SIGKILL);
	status = child_wait(&w->session);
	w->taken = w->ending = false;
	if (!w->paused)
		w->since = env_now(w->inv->env);
	if (WIFEXITED(status))
		return (enum exitcode)WEXITSTATUS(status);
	snprintf(text, sizeof(text), "the session was ended by signal %d",
	    WTERMSIG(status));
	watch_say(w, text);
	return EXITCODE_LINK;
}

/* Will it help to try again? */
static bool
may_pass(const struct watch *w, enum exitcode code)
{
	return exitcode_is_link(code) ||
	    (w->been && (code == EXITCODE_PEER || code == EXITCODE_BUSY));
}

static void
pause_before_next(struct watch *w)
{
	autoclose int timer = -1;

	if (w->wait == 0)
		w->wait = WAIT_FIRST;
	timer = later(w->inv->env, w->wait);
	/* There is no descriptor left, say. */
	if (timer == -1)
		sleep(1);
	while (timer != -1 && !w->stopped && !w->paused && !w->hurry &&
	    !watch_wait(w, timer))
		;
	w->wait = w->wait < WAIT_MOST / 2 ? w->wait * 2 : WAIT_MOST;
}

static void
tell_pause(const struct watch *w)
{
	notify("STATUS=no connection, trying again\n");
	if (w->wait == 0 || w->inv->options->verbose > 0)
		watch_say(w, "trying again in a moment");
}

static void
stay_paused(struct watch *w)
{
	notify("STATUS=paused\n");
	while (w->paused && !w->stopped)
		(void)!watch_wait(w, -1);
}

/* Sessions, one after the other. */
static enum exitcode
go_on(struct watch *w)
{
	while (!w->stopped) {
		w->code = session(w);
		if (w->paused)
			stay_paused(w);
		if (w->stopped)
			break;
		if (w->hurry)
			continue;
		if (!may_pass(w, w->code))
			return w->code;
		if (homing_next(&w->homing, w->code)) {
			if (w->wait == 0 || w->inv->options->verbose > 0)
				watch_say_turn(w, "trying");
			continue;
		}
		tell_pause(w);
		pause_before_next(w);
		if (w->paused)
			stay_paused(w);
	}
	return EXITCODE_SIGNAL;
}

static enum status
open_door(struct watch *w, struct err *err)
{
	const struct sides_wish wish = { .order = SIDES_SERVER_FIRST,
		.make_second = true };
	enum status st = sides_find(w->inv, &wish, &w->sides, err);

	if (st == ST_OK)
		st = sides_make(&w->sides, false, err);
	if (st == ST_OK)
		st = root_open(w->inv->env, w->sides.client.path,
		    getenv("HOME"), false, &w->root, err);
	if (st == ST_OK)
		st = control_open(w->root, &w->control, err);
	if (st == ST_OK)
		st = steer_open(&w->steer, &w->control, err);
	wake_open(&w->wake);
	w->after.folder = w->sides.client.path;
	if (st == ST_OK)
		st = logfile_open(w->inv->env, w->inv->options->log_file,
		    &w->log, err);
	return st == ST_OK ? signals_catch_watch(&w->stop, err) : st;
}

static void
auto_watch(struct watch *w)
{
	homing_fini(&w->homing);
	steer_close(&w->steer);
	wake_close(&w->wake);
	if (w->root != NULL)
		control_close(w->root, &w->control);
	root_free(w->root);
	logfile_free(w->log);
	sides_fini(&w->sides);
}

static enum exitcode
run_watch(const struct invocation *inv)
{
	__attribute__((cleanup(auto_watch))) struct watch w = { .inv = inv,
		.session = CHILD_NONE,
		.control = CONTROL_NONE,
		.steer.poll = -1,
		.wake.fd = -1,
		.after.command = inv->options->exec_after };
	struct err err;

	homing_init(&w.homing, inv, &w.sides.server.place);
	if (inv->options->dry_run) {
		(void)!err_set(&err, ST_USAGE,
		    "watch: there is no dry run of it; see dsync sync -n");
		return output_fail(inv, &err);
	}
	if (open_door(&w, &err) == ST_OK)
		return go_on(&w);
	if (err.code == ST_BUSY && inv->options->if_free)
		return EXITCODE_BUSY;
	return output_fail(inv, &err);
}

const struct command cmd_watch = {
	.name = "watch",
	.args = "[OPTION]... [FOLDER] FOLDER",
	.what = "both ways, and on: whatever changes goes over at once",
	.more =
	    "Keeps two folders the same until it is stopped.  The one named first plays\n"
	    "the server; later runs need only the other, or none: the current folder.\n"
	    "HOST,HOST:/preset/NAME goes home to the first once that is back.\n",
	.groups = OPTIONS_ALL | OPTIONS_RUN | OPTIONS_LINK | OPTIONS_CHANGE |
	    OPTIONS_WATCH,
	.max_args = 2,
	.run = run_watch,
};
