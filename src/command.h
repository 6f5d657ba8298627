/* SPDX-License-Identifier: MIT */
#ifndef DSYNC_COMMAND_H
#define DSYNC_COMMAND_H

/* What a person can ask for: one const descriptor a command. */

#include <stdbool.h>
#include <stddef.h>

#include "exitcode.h"

struct env;
struct options;

/* One call of the program. */
struct invocation {
	struct env *env;
	int argc; /* as typed, the program's name first */
	char *const *argv;
	const struct options *options;
	const char *const
	    *args; /* what is no option; n_args, NULL at the end */
	size_t n_args;
};

struct command {
	const char *name;
	const char *args; /* for the usage line */
	const char *what; /* one line */
	const char *more; /* lines below the usage line, or NULL */
	unsigned groups; /* of options that it takes */
	size_t min_args;
	size_t max_args;
	bool internal; /* not for people: not in the overview */
	enum exitcode (*run)(const struct invocation *inv);
};

extern const struct command cmd_sync;
extern const struct command cmd_watch;
extern const struct command cmd_pause;
extern const struct command cmd_resume;
extern const struct command cmd_flush;
extern const struct command cmd_push;
extern const struct command cmd_pull;
extern const struct command cmd_copy; /* SRC DST, no name */
extern const struct command cmd_verify;
extern const struct command cmd_status;
extern const struct command cmd_conflicts;
extern const struct command cmd_log;
extern const struct command cmd_versions;
extern const struct command cmd_restore;
extern const struct command cmd_preset;
extern const struct command cmd_presets;
extern const struct command cmd_authorize;
extern const struct command cmd_clients;
extern const struct command cmd_doctor;
extern const struct command cmd_peer;
extern const struct command cmd_ssh;

/* All that have a name, NULL at the end; in the order of the overview. */
extern const struct command *const commands[];

const struct command *command_find(const char *name);

#endif
