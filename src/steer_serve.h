/* SPDX-License-Identifier: MIT */
#ifndef DSYNC_STEER_SERVE_H
#define DSYNC_STEER_SERVE_H

/* The end of the control socket that answers. */

#include <jansson.h>
#include <stdint.h>

#include "exitcode.h"
#include "fs/control.h"
#include "steer.h"
#include "util/err.h"

#define STEER_CALLERS 16 /* more than that are sent away, and come again */

struct steer_caller {
	int fd; /* -1: nobody */
	char line[STEER_LINE];
	size_t len;
	bool asked; /* the line is whole: an answer is due */
	enum steer_what what;
	uint64_t number; /* that was sent along; later the handler's own */
};

struct steer {
	const struct control *control;
	int poll; /* readable: steer_hear() */
	struct steer_caller callers[STEER_CALLERS];
};

/* The door is borrowed, and may be shared with other processes. */
enum status steer_open(struct steer *s, const struct control *control,
    struct err *err) MUST_CHECK;
/* Who waits for an answer gets none, and asks again: whoever listens then. */
void steer_dismiss(struct steer *s);
void steer_close(struct steer *s);

/*
 * Hears who has come.  For each line the handler is called once; it answers,
 * or leaves the caller waiting (asked stays set) and answers later.
 */
void steer_hear(struct steer *s,
    void (*handle)(void *ctx, struct steer_caller *caller), void *ctx);

/* The object is taken over; the caller is gone after any of these. */
void steer_answer(struct steer_caller *caller, json_t *answer);
void steer_say(struct steer_caller *caller, enum exitcode code,
    const char *text);
/* To be asked again with that number. */
void steer_again(struct steer_caller *caller, uint64_t number);

#endif
