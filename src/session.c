/* SPDX-License-Identifier: MIT */
/*
 * Words are of one size and shorter than a pipe takes at once, so they come
 * whole.  Who writes them has read what a server said: they are numbers only.
 */
#include "config.h"

#include "session.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "codec/message.h"
#include "json.h"
#include "net/loop.h"
#include "sync/client.h"
#include "util/env.h"

static void
tell(const struct session *s, const struct session_word *word)
{
	ssize_t n;

	do
		n = write(s->up, word, sizeof(*word));
	while (n == -1 && errno == EINTR);
}

bool
session_read(int fd, struct session_word *ret)
{
	ssize_t n;

	do
		n = read(fd, ret, sizeof(*ret));
	while (n == -1 && errno == EINTR);
	return n == sizeof(*ret) && ret->what <= SESSION_PAUSE;
}

enum status
session_open(struct session *s, struct env *env, const struct control *control,
    int up, struct err *err)
{
	*s = (struct session){ .env = env, .up = up };
	return steer_open(&s->steer, control, err);
}

void
session_close(struct session *s)
{
	steer_close(&s->steer);
}

static void
put_others(json_t *o, const struct message_others *others)
{
	json_t *list = json_array();
	size_t i;

	for (i = 0; i < others->n; i++)
		(void)!json_array_append_new(list,
		    json_string(others->name[i]));
	(void)!json_object_set_new(o, "others", list);
}

/* What a look at everything came to. */
static void
put_left(json_t *o, const struct summary *sum)
{
	(void)!json_object_set_new(o, "in_sync", json_boolean(sum->in_sync));
	(void)!json_object_set_new(o, "files",
	    json_integer((json_int_t)sum->files));
	(void)!json_object_set_new(o, "problems",
	    json_integer((json_int_t)sum->problems));
	(void)!json_object_set_new(o, "conflicts_open",
	    json_integer((json_int_t)sum->conflicts_open));
	(void)!json_object_set_new(o, "local_only",
	    json_integer((json_int_t)sum->local_only));
}

static void
answer_status(struct session *s, struct steer_caller *caller)
{
	json_t *o = json_object();
	const char *state = s->since == 0 ? "first sync" :
	    client_rests(s->client)	  ? "in sync" :
					    "syncing";

	(void)!json_object_set_new(o, "exit", json_integer(EXITCODE_OK));
	(void)!json_object_set_new(o, "state", json_string(state));
	if (s->since != 0) {
		json_put_time(o, "since", s->since);
		json_put_time(o, "last", s->last);
		put_left(o, &s->left);
	}
	if (s->server != NULL)
		json_put_path(o, "server", s->server);
	put_others(o, client_others(s->client));
	json_put_path(o, "unwatched", client_gap(s->client));
	steer_answer(caller, o);
}

static void
answer_flush(struct session *s, struct steer_caller *caller)
{
	json_t *o = json_object();

	(void)!json_object_set_new(o, "exit",
	    json_integer(exitcode_of_summary(&s->left, false)));
	put_left(o, &s->left);
	steer_answer(caller, o);
}

/* To pause is to end this session, so the one who answers is the next. */
static void
on_asked(void *ctx, struct steer_caller *caller)
{
	struct session *s = ctx;

	switch ((int)caller->what) {
	case STEER_STATUS:
		answer_status(s, caller);
		return;
	case STEER_FLUSH:
		caller->number = client_flush(s->client);
		return;
	case STEER_PAUSE:
		tell(s, &(struct session_word){ .what = SESSION_PAUSE });
		return;
	default:
		steer_say(caller, EXITCODE_OK, "it is not paused");
	}
}

static void
hear(void *ctx)
{
	struct session *s = ctx;

	steer_hear(&s->steer, on_asked, s);
}

static int
hear_fd(void *ctx)
{
	return ((const struct session *)ctx)->steer.poll;
}

void
session_join(struct session *s, struct client *client, struct loop_opts *loop)
{
	s->client = client;
	loop->aside[1] = (struct loop_aside){ .fd = hear_fd,
		.hear = hear,
		.ctx = s };
	tell(s, &(struct session_word){ .what = SESSION_TAKES });
}

static void
tell_rest(struct session *s)
{
	const struct summary *sum = client_summary(s->client);

	tell(s,
	    &(struct session_word){ .what = SESSION_RESTS,
		.fetched = sum->fetched - s->told.fetched,
		.deleted = sum->deleted_local - s->told.deleted_local,
		.moved = sum->moved_local - s->told.moved_local });
	s->told = *sum;
}

void
session_rests(struct session *s)
{
	size_t i;

	s->last = env_now(s->env);
	if (s->since == 0)
		s->since = s->last;
	tell_rest(s);
	if (client_looks(s->client) != s->looks)
		s->left = *client_summary(s->client);
	s->looks = client_looks(s->client);
	for (i = 0; i < STEER_CALLERS; i++) {
		struct steer_caller *caller = &s->steer.callers[i];

		if (caller->asked && caller->what == STEER_FLUSH &&
		    client_flushed(s->client) >= caller->number)
			answer_flush(s, caller);
	}
}
