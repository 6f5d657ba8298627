/* SPDX-License-Identifier: MIT */
#ifndef DSYNC_OUTPUT_H
#define DSYNC_OUTPUT_H

/*
 * What a run shows while it goes: takes its events, and writes lines, JSON or
 * nothing, as the options say.  Changes go to standard output, trouble to
 * standard error.
 */

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "exitcode.h"
#include "progress.h"
#include "util/err.h"

struct event;
struct invocation;
struct logfile;
struct session;

struct output {
	struct progress_bar bar;
	bool json;
	bool quiet;
	bool itemize;
	bool dry_run;
	bool flip; /* -> is still towards the target, though it is the client */
	bool colour;
	unsigned verbose;
	struct session *session; /* told when it rests; or NULL */
	struct logfile *log; /* of all that is said; or NULL */
	int64_t flood; /* ticks: when lines of trouble began to be counted, */
	unsigned troubles; /*  and how many there were */
	bool watched; /* somebody watches the folder here */
	bool mute; /* of what leads to another machine not a word, either */
	bool rested; /* it has, once */
	const char *client_dir; /* as typed, for hints */
	const char *server_dir; /* the same, or NULL: on another machine */
	uint64_t guard_local; /* deletions that the guard stopped */
	uint64_t guard_remote;
};

enum status output_init(struct output *out, const struct invocation *inv,
    struct err *err) MUST_CHECK;
void output_fini(struct output *out);

/* As struct report wants it; ctx is the output. */
void output_event(void *ctx, const struct event *event);

/* The end of the guard's list: how many more; and what would approve it. */
void output_guard_more(const struct output *out);
void output_guard_end(const struct output *out, const struct invocation *inv);

/* A line that came from another machine, on standard error. */
void output_aside(struct output *out, const char *host, const char *text);

/* "dsync: text" on standard error (and as an event). */
void output_error(struct output *out, const struct err *err);

/* A line of a command that has no run; code as err says. */
enum exitcode output_fail(const struct invocation *inv, const struct err *err);

/*
 * Standard output to its end: EXITCODE_IO, with a line, if it could not be
 * written (a closed pipe is the reader's choice); else code.
 */
enum exitcode output_close(enum exitcode code);

#endif
