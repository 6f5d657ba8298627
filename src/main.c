/* SPDX-License-Identifier: MIT */
/* From the command line to a command: finds it, and has its options read. */
#include "config.h"

#include <jansson.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "command.h"
#include "help.h"
#include "options.h"
#include "output.h"
#include "util/env.h"

const struct command *const commands[] = {
	&cmd_sync,
	&cmd_watch,
	&cmd_flush,
	&cmd_pause,
	&cmd_resume,
	&cmd_push,
	&cmd_pull,
	&cmd_status,
	&cmd_conflicts,
	&cmd_log,
	&cmd_versions,
	&cmd_restore,
	&cmd_verify,
	&cmd_presets,
	&cmd_preset,
	&cmd_authorize,
	&cmd_clients,
	&cmd_doctor,
	&cmd_peer,
	&cmd_ssh,
	NULL,
};

const struct command *
command_find(const char *name)
{
	size_t i;

	for (i = 0; commands[i] != NULL; i++) {
		if (strcmp(commands[i]->name, name) == 0)
			return commands[i];
	}
	return NULL;
}

static enum exitcode
usage_error(const struct command *cmd, const char *text)
{
	fprintf(stderr, "dsync: %s%s%s; see dsync %s%s--help\n", cmd->name,
	    *cmd->name == '\0' ? "" : ": ", text, cmd->name,
	    *cmd->name == '\0' ? "" : " ");
	return EXITCODE_USAGE;
}

/* -h asks for help; among folders it is rsync's -h, which goes unsaid here. */
static bool
wants_help(const struct command *cmd, const struct options *o)
{
	return o->help ||
	    (o->short_help && (cmd != &cmd_copy || o->n_args == 0));
}

static enum exitcode
run_command(const struct command *cmd, struct env *env, int argc, char **argv)
{
	const size_t skip = cmd == &cmd_copy ? 0 : 1; /* the command's name */
	AUTO(options) struct options *o = NULL;
	struct invocation inv = { .env = env, .argc = argc, .argv = argv };
	struct err err;

	if (options_parse(cmd->groups, argc, argv, &o, &err) != ST_OK) {
		if (err.code == ST_USAGE)
			return usage_error(cmd, err.text);
		fprintf(stderr, "dsync: %s\n", err.text);
		return exitcode_of(err.code);
	}
	if (wants_help(cmd, o)) {
		if (cmd == &cmd_copy && o->n_args == 0)
			help_overview(stdout);
		else
			help_command(cmd, stdout);
		return EXITCODE_OK;
	}
	inv.options = o;
	inv.args = (const char *const *)o->args + skip;
	inv.n_args = o->n_args - skip;
	if (inv.n_args < cmd->min_args)
		return usage_error(cmd, "something is missing");
	if (inv.n_args > cmd->max_args)
		return usage_error(cmd, "too many arguments");
	return cmd->run(&inv);
}

/* The first word that is no option, if it is a command; else SRC DST. */
static const struct command *
find_command(int argc, char **argv)
{
	const struct command *cmd = command_find(argv[1]);
	autofree char *word = NULL;

	if (cmd == NULL && argv[1][0] == '-' &&
	    options_first_word(argc, argv, &word, NULL) == ST_OK &&
	    word != NULL)
		cmd = command_find(word);
	return cmd == NULL ? &cmd_copy : cmd;
}

/*
 * jansson 2.14 reads on with a character missing when it can't enlarge a
 * buffer: a number could change unseen.  So for it alone, and only here, no
 * memory is the end; what was applied is safe at any moment.
 */
static void *
json_memory(size_t size)
{
	static const char text[] = "dsync: out of memory\n";
	void *p = malloc(size);

	if (p == NULL) {
		(void)!write(STDERR_FILENO, text, sizeof(text) - 1);
		_exit(EXITCODE_MEMORY);
	}
	return p;
}

int
main(int argc, char **argv)
{
	struct env env = { .ops = &env_real_ops };
	enum exitcode code = EXITCODE_OK;

	/* Names are bytes; only times are shown by the person's habits. */
	setlocale(LC_TIME, "");
	/* Whoever ignores how a child ends has us ignore it, too. */
	signal(SIGCHLD, SIG_DFL);
	/* A file that is too large for "ulimit -f" is one that failed. */
	signal(SIGXFSZ, SIG_IGN);
	json_set_alloc_funcs(json_memory, free);
	if (argc < 2) {
		help_overview(stderr);
		return EXITCODE_USAGE;
	}
	if (argc == 2 && strcmp(argv[1], "help") == 0)
		help_overview(stdout);
	else if (strcmp(argv[1], "--version") == 0 ||
	    strcmp(argv[1], "-V") == 0)
		puts("dsync " PACKAGE_VERSION);
	else
		code = run_command(find_command(argc, argv), &env, argc, argv);
	return (int)output_close(code);
}
