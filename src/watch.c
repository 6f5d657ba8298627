/* SPDX-License-Identifier: MIT */
/*
 * Signals, questions at the door, the end of sleep, the first server's being
 * back: each changes what stands in struct watch, and may end the session.
 */
#include "config.h"

#include "watch.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>

#include "command.h"
#include "json.h"
#include "logfile.h"
#include "options.h"
#include "signals.h"
#include "util/env.h"
#include "util/str.h"

#define SLEEP_LONG (30 * NSEC) /* after that the link is dead */
#define LOOK_AFTER 200 /* ms, at a command that runs */
#define ENOUGH	   5000 /* ms, for a session to end */

void
watch_say(const struct watch *w, const char *text)
{
	if (!w->inv->options->quiet && !w->inv->options->json)
		fprintf(stderr, "dsync: %s\n", text);
	logfile_say(w->log, "dsync: %s\n", text);
}

static void
end_session(struct watch *w, int number)
{
	if (w->session.pid > 0)
		kill(w->session.pid, number);
	w->ending = w->session.pid > 0;
}

/* Whatever is read at the start of a session may be another now. */
static void
begin_anew(struct watch *w)
{
	struct logfile *log;
	struct err ignored;

	w->hurry = true;
	if (logfile_open(w->inv->env, w->inv->options->log_file, &log,
		&ignored) != ST_OK)
		return;
	logfile_free(w->log);
	w->log = log;
}

static void
on_signal(struct watch *w)
{
	if (signals_next(w->stop) == SIGHUP)
		begin_anew(w);
	else
		w->stopped = true;
	end_session(w, w->stopped ? SIGTERM : SIGNALS_QUIETLY);
}

void
watch_pause(struct watch *w)
{
	if (!w->paused) {
		watch_say(w, "paused; dsync resume goes on");
		w->since = env_now(w->inv->env);
	}
	w->paused = true;
	w->hurry = false;
	end_session(w, SIGNALS_QUIETLY);
}

static void
answer_status(const struct watch *w, struct steer_caller *caller)
{
	json_t *o = json_object();
	const char *state = w->paused ? "paused" :
	    w->session.pid > 0	      ? "connecting" :
					"no connection";

	(void)!json_object_set_new(o, "exit", json_integer(EXITCODE_OK));
	(void)!json_object_set_new(o, "state", json_string(state));
	json_put_time(o, "since", w->since);
	steer_answer(caller, o);
}

/*
 * There is no session to carry it out.  Who asks for the first time gets one;
 * when that has failed it is no use to wait.
 */
static void
answer_flush(struct watch *w, struct steer_caller *caller)
{
	const bool tried = caller->number > 0 && w->tries > caller->number;

	if (w->paused) {
		steer_say(caller, EXITCODE_BUSY,
		    "it is paused: dsync resume goes on");
	} else if (w->session.pid > 0) {
		steer_again(caller,
		    caller->number > 0 ? caller->number : w->tries - 1);
	} else if (tried) {
		steer_say(caller, w->code,
		    "there is no connection; it is tried again");
	} else {
		w->hurry = true;
		steer_again(caller, w->tries);
	}
}

static void
on_asked(void *ctx, struct steer_caller *caller)
{
	struct watch *w = ctx;

	switch ((int)caller->what) {
	case STEER_STATUS:
		answer_status(w, caller);
		return;
	case STEER_FLUSH:
		answer_flush(w, caller);
		return;
	case STEER_PAUSE:
		watch_pause(w);
		steer_say(caller, EXITCODE_OK, "paused");
		return;
	default:
		w->hurry = w->hurry || w->paused;
		w->paused = false;
		steer_say(caller, EXITCODE_OK,
		    w->hurry ? "it goes on" : "it is not paused");
	}
}

/*
 * The other side has given this one up, or is about to; to wait until it is
 * known for certain would be to wait for nothing.
 */
static void
on_wake(struct watch *w)
{
	if (wake_slept(&w->wake) < SLEEP_LONG || w->paused)
		return;
	w->hurry = true;
	end_session(w, SIGNALS_QUIETLY);
}

static void
leave_door(void *ctx)
{
	steer_close(&((struct watch *)ctx)->steer);
}

void
watch_say_turn(const struct watch *w, const char *what)
{
	const char *host = place_host(&w->sides.server.place);
	char text[STR_SHOW + 16], shown[STR_SHOW];

	snprintf(text, sizeof(text), "%s %s", what, str_show(shown, host));
	watch_say(w, text);
}

/* The first of several servers is back: the next session is with that. */
static void
go_home(struct watch *w)
{
	watch_say_turn(w, "back to");
	w->hurry = true;
	end_session(w, SIGNALS_QUIETLY);
}

bool
watch_wait(struct watch *w, int fd)
{
	struct pollfd p[5] = {
		{ .fd = fd, .events = POLLIN },
		{ .fd = w->stop, .events = POLLIN },
		{ .fd = w->taken ? -1 : w->steer.poll, .events = POLLIN },
		{ .fd = w->wake.fd, .events = POLLIN },
		{ .fd = w->session.pid > 0 ? homing_fd(&w->homing) : -1,
		    .events = POLLIN },
	};
	int found;

	after_step(&w->after, w->log);
	found = poll(p, 5,
	    w->ending		      ? ENOUGH :
		after_runs(&w->after) ? LOOK_AFTER :
					-1);
	/* It hangs, or somebody has stopped it. */
	if (found == 0 && w->ending)
		kill(w->session.pid, SIGKILL);
	if (found == -1)
		return false;
	if (p[1].revents != 0)
		on_signal(w);
	if (p[3].revents != 0)
		on_wake(w);
	if (p[2].revents != 0)
		steer_hear(&w->steer, on_asked, w);
	if (p[4].revents != 0 && homing_hear(&w->homing, leave_door, w))
		go_home(w);
	return p[0].revents != 0;
}
