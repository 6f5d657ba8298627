/* SPDX-License-Identifier: MIT */
/*
 * A timer while the session is with another than the first, and then a child
 * that connects, all the way to a word of the preset: a port that is open is
 * no server yet.  It is nobody's to be seen or asked: no output, no terminal.
 */
#include "config.h"

#include "homing.h"

#include <sys/wait.h>

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "command.h"
#include "inquire.h"
#include "later.h"
#include "options.h"
#include "place.h"
#include "sync/ask.h"
#include "util/auto.h"
#include "util/env.h"

#define WAIT_FIRST (60 * NSEC) /* unless --interval says otherwise; later */
#define WAIT_MOST  10 /* times as long */

void
homing_init(struct homing *h, const struct invocation *inv, struct place *place)
{
	*h = (struct homing){ .inv = inv,
		.place = place,
		.timer = -1,
		.asker = CHILD_NONE };
}

static bool
has_choice(const struct homing *h)
{
	return h->place->n_servers > 1;
}

static void
stop_asking(struct homing *h)
{
	auto_close(&h->timer);
	h->timer = -1;
	/* It has to end what leads to the server. */
	if (h->asker.pid > 0)
		kill(h->asker.pid, SIGTERM);
	child_wait(&h->asker);
}

void
homing_fini(struct homing *h)
{
	stop_asking(h);
}

void
homing_begin(struct homing *h)
{
	h->rested = false;
}

static int64_t
shortest(const struct homing *h)
{
	const int64_t interval = h->inv->options->interval;

	return interval > 0 ? interval : WAIT_FIRST;
}

void
homing_rests(struct homing *h)
{
	h->rested = true;
	h->failed = 0;
	if (!has_choice(h))
		return;
	if (h->place->turn == 0) {
		h->wait = shortest(h);
	} else if (h->timer == -1 && h->asker.fd == -1) {
		if (h->wait == 0)
			h->wait = shortest(h);
		h->timer = later(h->inv->env, h->wait);
	}
}

bool
homing_next(struct homing *h, enum exitcode code)
{
	stop_asking(h);
	if (!has_choice(h) || !exitcode_is_link(code))
		return false;
	h->failed += !h->rested;
	if (h->rested || h->failed >= h->place->n_servers) {
		h->failed = 0;
		h->place->turn = 0;
		return false;
	}
	h->place->turn = (h->place->turn + 1) % h->place->n_servers;
	return true;
}

int
homing_fd(const struct homing *h)
{
	return h->asker.fd != -1 ? h->asker.fd : h->timer;
}

static bool
offers(const struct ask_answer *answer, const char *preset)
{
	size_t i;

	for (i = 0; i < answer->n; i++)
		if (strcmp(answer->v[i].name, preset) == 0)
			return true;
	return false;
}

/* The child; whether the first is back is its exit code. */
static void
be_asking(const struct homing *h)
{
	AUTO(ask) struct ask *ask = NULL;
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	struct err err;
	bool back;
	int i;

	/* Without a terminal there is none to ask a person at. */
	setsid();
	setenv("SSH_ASKPASS_REQUIRE", "never", 1);
	for (i = 0; i < 3 && null != -1; i++)
		dup2(null, i);
	back = null != -1 &&
	    inquire(h->inv, h->place->servers[0], &ask, &err) == ST_OK &&
	    offers(ask_answer(ask), h->place->preset);
	_exit(back ? EXIT_SUCCESS : EXIT_FAILURE);
}

static void
begin_asking(struct homing *h, void (*leave)(void *ctx), void *ctx)
{
	struct err ignored;

	if (child_fork(&h->asker, &ignored) != ST_OK) {
		h->timer = later(h->inv->env, h->wait);
	} else if (h->asker.pid == 0) {
		leave(ctx);
		be_asking(h);
	}
}

static bool
is_back(struct homing *h)
{
	const int status = child_wait(&h->asker);

	return WIFEXITED(status) && WEXITSTATUS(status) == EXIT_SUCCESS;
}

bool
homing_hear(struct homing *h, void (*leave)(void *ctx), void *ctx)
{
	if (h->asker.fd == -1) {
		auto_close(&h->timer);
		h->timer = -1;
		begin_asking(h, leave, ctx);
		return false;
	}
	h->wait = h->wait < WAIT_MOST * shortest(h) / 2 ?
	    h->wait * 2 :
	    WAIT_MOST * shortest(h);
	if (!is_back(h)) {
		h->timer = later(h->inv->env, h->wait);
		return false;
	}
	h->place->turn = 0;
	return true;
}
