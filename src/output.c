/* SPDX-License-Identifier: MIT */
/*
 * Where events become lines.  The bar is wiped before any line, so that the
 * two never mix; -q swallows everything but trouble; --json replaces it all.
 */
#include "config.h"

#include "output.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "command.h"
#include "core/plan.h"
#include "json.h"
#include "lines.h"
#include "options.h"
#include "quote.h"
#include "session.h"
#include "sync/report.h"
#include "util/str.h"

#define GUARD_LINES 20

static bool
colour_wanted(void)
{
	const char *no = getenv("NO_COLOR");
	const char *term = getenv("TERM");

	return (no == NULL || *no == '\0') && term != NULL &&
	    strcmp(term, "dumb") != 0 && isatty(STDOUT_FILENO) == 1;
}

void
output_init(struct output *out, const struct invocation *inv)
{
	const struct options *o = inv->options;

	memset(out, 0, sizeof(*out));
	progress_init(&out->bar, inv->env, !o->quiet && !o->json, o->progress);
	out->json = o->json;
	out->quiet = o->quiet;
	out->itemize = o->itemize;
	out->dry_run = o->dry_run;
	out->verbose = o->verbose;
	out->colour = colour_wanted();
}

static void
on_left(struct output *out, const struct event *event)
{
	const struct decision *what = &event->action->what;

	/* What needs a person is said always, the rest to who asks. */
	if (!out->quiet &&
	    (out->verbose > 0 || what->conflict ||
		what->reason == REASON_CLASH))
		lines_left(out, event->action, stdout);
}

static void
on_change(struct output *out, const struct event *event)
{
	const enum action_type type = event->action->what.type;
	const bool moves = type != ACTION_ADOPT && type != ACTION_FORGET &&
	    type != ACTION_LET_GO && type != ACTION_NONE;

	if (type == ACTION_LEAVE)
		on_left(out, event);
	else if (!out->quiet && (moves || out->verbose > 0))
		lines_change(out, event->action, stdout);
}

/* "dsync: path: text"; a text that names the path already needs no other. */
static void
on_problem(const struct event *event)
{
	const char *text = event->text == NULL ? err_name(event->code) :
						 event->text;
	char shown[STR_SHOW];

	if (event->path != NULL)
		str_show(shown, event->path);
	if (event->path == NULL || strstr(text, shown) != NULL)
		fprintf(stderr, "dsync: %s\n", text);
	else
		fprintf(stderr, "dsync: %s: %s\n", shown, text);
}

static void
on_guard(struct output *out, const struct action *a)
{
	const bool remote = a->what.type == ACTION_DELETE_REMOTE;
	const uint64_t n = out->guard_local + out->guard_remote;

	if (remote)
		out->guard_remote++;
	else
		out->guard_local++;
	if (out->json || n >= GUARD_LINES)
		return;
	if (n == 0)
		fputs("dsync: too much would be deleted; these would go:\n",
		    stderr);
	fputs("  ", stderr);
	lines_change(out, a, stderr);
}

/* Said once a session; what is done from then on speaks for itself. */
static void
on_live(struct output *out, const struct event *event)
{
	char files[STR_COUNT];

	if (!out->rested && out->json)
		json_live(event->progress->files);
	else if (!out->rested && !out->quiet)
		printf("watching: %s %s\n",
		    str_count(files, event->progress->files),
		    event->progress->files == 1 ? "file" : "files");
	fflush(stdout);
	if (out->session != NULL)
		session_rests(out->session);
	out->rested = true;
}

void
output_event(void *ctx, const struct event *event)
{
	struct output *out = ctx;

	if (event->type == EVENT_PROGRESS) {
		if (!out->rested)
			progress_draw(&out->bar, event->progress);
		return;
	}
	progress_wipe(&out->bar);
	if (event->type == EVENT_GUARD)
		on_guard(out, event->action);
	if (event->type == EVENT_LIVE) {
		on_live(out, event);
		return;
	}
	if (out->json) {
		json_event(event);
		return;
	}
	if (event->type == EVENT_CHANGE)
		on_change(out, event);
	else if (event->type == EVENT_LEFT)
		on_left(out, event);
	else if (event->type == EVENT_PROBLEM)
		on_problem(event);
	else if (event->type == EVENT_NOTE && !out->quiet)
		fprintf(stderr, "dsync: %s\n", event->text);
}

/* The command as typed, with a limit that lets the deletions pass. */
static void
print_approval(const struct invocation *inv, uint64_t limit)
{
	bool given = false;
	int i;

	fputs("  ", stderr);
	quote_word(stderr, inv->argv[0]);
	for (i = 1; i < inv->argc; i++) {
		const char *word = inv->argv[i];

		if (strcmp(word, "--max-delete") == 0 && i + 1 < inv->argc) {
			i++;
			continue;
		}
		if (strncmp(word, "--max-delete=", 13) == 0)
			continue;
		if (!given && command_find(word) == NULL) {
			fprintf(stderr, " --max-delete=%" PRIu64, limit);
			given = true;
		}
		fputc(' ', stderr);
		quote_word(stderr, word);
	}
	if (!given)
		fprintf(stderr, " --max-delete=%" PRIu64, limit);
	fputc('\n', stderr);
}

void
output_guard_more(const struct output *out)
{
	const uint64_t n = out->guard_local + out->guard_remote;

	if (!out->json && n > GUARD_LINES)
		fprintf(stderr, "  and %" PRIu64 " more\n", n - GUARD_LINES);
}

void
output_guard_end(const struct output *out, const struct invocation *inv)
{
	if (out->json || out->guard_local + out->guard_remote == 0)
		return;
	fputs("If that is what you want:\n", stderr);
	print_approval(inv,
	    out->guard_local > out->guard_remote ? out->guard_local :
						   out->guard_remote);
}

void
output_error(struct output *out, const struct err *err)
{
	progress_wipe(&out->bar);
	fflush(stdout);
	fprintf(stderr, "dsync: %s\n", err->text);
	if (out->json)
		json_error(err);
}

void
output_aside(struct output *out, const char *host, const char *text)
{
	char show[STR_SHOW];

	progress_wipe(&out->bar);
	fflush(stdout);
	fprintf(stderr, "%s: %s\n", host, str_show(show, text));
}

enum exitcode
output_fail(const struct invocation *inv, const struct err *err)
{
	fflush(stdout);
	fprintf(stderr, "dsync: %s\n", err->text);
	if (inv->options->json)
		json_error(err);
	return exitcode_of(err->code);
}

enum exitcode
output_close(enum exitcode code)
{
	const bool failed = ferror(stdout) != 0;

	errno = 0;
	if ((fflush(stdout) == 0 && !failed) || errno == EPIPE)
		return code;
	fprintf(stderr, "dsync: standard output: %s\n",
	    errno == 0 ? "could not be written" : strerror(errno));
	return code == EXITCODE_OK ? EXITCODE_IO : code;
}
