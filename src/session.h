/* SPDX-License-Identifier: MIT */
#ifndef DSYNC_SESSION_H
#define DSYNC_SESSION_H

/*
 * A session of dsync watch, which is a process of its own, as others see it:
 * the one that started it hears words, and the person's other commands are
 * answered through the control socket.
 */

#include <stdint.h>

#include "steer_serve.h"
#include "sync/report.h"
#include "util/err.h"

struct client;
struct env;
struct loop_opts;

enum session_what {
	SESSION_TAKES, /* from here on the session answers at the door */
	SESSION_RESTS, /* all is in sync; with what came in since the last */
	SESSION_PAUSE, /* somebody wants it to pause */
};

struct session_word {
	uint64_t what;
	uint64_t fetched, deleted, moved; /* files here */
};

struct session {
	struct env *env;
	struct steer steer;
	int up; /* words are written to it */
	const char *server; /* of several, this one; borrowed, or NULL */
	struct client *client;
	int64_t since, last; /* when it rested first, and last; 0: never */
	struct summary told; /* what came in by the last word */
	uint64_t looks; /* at everything, by then, */
	struct summary left; /*  and what the last of them came to */
};

/* The door and `up` are borrowed. */
enum status session_open(struct session *s, struct env *env,
    const struct control *control, int up, struct err *err) MUST_CHECK;
void session_close(struct session *s);

/* There is a client, borrowed, and the loop that runs it. */
void session_join(struct session *s, struct client *client,
    struct loop_opts *loop);

/* What a client says with EVENT_LIVE. */
void session_rests(struct session *s);

/* Reads a word; false: there will be none any more. */
bool session_read(int fd, struct session_word *ret);

#endif
