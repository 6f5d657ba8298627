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
#include "logfile.h"
#include "options.h"
#include "quote.h"
#include "session.h"
#include "sync/report.h"
#include "util/env.h"
#include "util/str.h"

#define GUARD_LINES 20
#define FLOOD_LINES 100 /* of trouble, in a session that stays, */
#define FLOOD_TIME  (60 * NSEC) /*  within so long */

static bool
colour_wanted(void)
{
	const char *no = getenv("NO_COLOR");
	const char *term = getenv("TERM");

	return (no == NULL || *no == '\0') && term != NULL &&
	    strcmp(term, "dumb") != 0 && isatty(STDOUT_FILENO) == 1;
}

enum status
output_init(struct output *out, const struct invocation *inv, struct err *err)
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
	return logfile_open(inv->env, o->log_file, &out->log, err);
}

void
output_fini(struct output *out)
{
	logfile_free(out->log);
	out->log = NULL;
}

static void
on_left(const struct output *out, const struct event *event, FILE *f)
{
	const struct decision *what = &event->action->what;

	/* What needs a person is said always, the rest to who asks. */
	if (out->verbose > 0 || what->conflict || what->reason == REASON_CLASH)
		lines_left(out, event->action, f);
}

static void
on_change(const struct output *out, const struct event *event, FILE *f)
{
	const enum action_type type = event->action->what.type;
	const bool moves = type != ACTION_ADOPT && type != ACTION_FORGET &&
	    type != ACTION_NONE;

	if (type == ACTION_LEAVE)
		on_left(out, event, f);
	else if (type == ACTION_LET_GO)
		lines_left(out, event->action, f);
	else if (moves || out->verbose > 0)
		lines_change(out, event->action, f);
}

/* "dsync: path: text"; a text that names the path already needs no other. */
static void
on_problem(const struct event *event, FILE *f)
{
	const char *text = event->text == NULL ? err_name(event->code) :
						 event->text;
	char shown[STR_SHOW];

	if (event->path != NULL)
		str_show(shown, event->path);
	if (event->path == NULL || strstr(text, shown) != NULL)
		fprintf(f, "dsync: %s\n", text);
	else
		fprintf(f, "dsync: %s: %s\n", shown, text);
}

static void
on_guard(const struct output *out, const struct action *a, FILE *f)
{
	const uint64_t n = out->guard_local + out->guard_remote;

	if (n > GUARD_LINES)
		return;
	if (n == 1)
		fputs("dsync: too much would be deleted; these would go:\n", f);
	fputs("  ", f);
	lines_change(out, a, f);
}

/* Once a session; what is done from then on speaks for itself. */
static void
on_live(const struct output *out, const struct event *event, FILE *f)
{
	char files[STR_COUNT];

	if (!out->rested)
		fprintf(f, "watching: %s %s\n",
		    str_count(files, event->progress->files),
		    event->progress->files == 1 ? "file" : "files");
}

/* The lines of an event for people: what happened, and trouble. */
static void
show(const struct output *out, const struct event *event, FILE *f,
    FILE *trouble)
{
	switch ((int)event->type) {
	case EVENT_CHANGE:
		on_change(out, event, f);
		return;
	case EVENT_LEFT:
		on_left(out, event, f);
		return;
	case EVENT_SKIPPED:
		lines_skipped(event->path, event->text, f);
		return;
	case EVENT_LIVE:
		on_live(out, event, f);
		return;
	case EVENT_PROBLEM:
		on_problem(event, trouble);
		return;
	case EVENT_GUARD:
		on_guard(out, event->action, trouble);
		return;
	default:
		fprintf(trouble, "dsync: %s\n", event->text);
	}
}

static bool
is_trouble(const struct event *event)
{
	return event->type == EVENT_PROBLEM || event->type == EVENT_GUARD;
}

static void
show_json(const struct output *out, const struct event *event)
{
	if (event->type != EVENT_LIVE)
		json_event(event);
	else if (!out->rested)
		json_live(event->progress->files);
}

static void
log_event(struct output *out, const struct event *event)
{
	struct output plain = *out;
	FILE *f = logfile_begin(out->log);

	plain.colour = false;
	if (f != NULL)
		show(&plain, event, f, f);
	logfile_end(out->log);
}

static void
say(struct output *out, const struct event *event)
{
	if (out->json)
		show_json(out, event);
	else if (!out->quiet || is_trouble(event))
		show(out, event, stdout, stderr);
	log_event(out, event);
}

/*
 * A session that stays may have the same trouble over and over, or another
 * side that means to fill the log.
 */
static bool
too_much(struct output *out, const struct event *event)
{
	const int64_t now = env_ticks(out->bar.env);
	char text[80];

	if (out->session == NULL ||
	    (event->type != EVENT_PROBLEM && event->type != EVENT_NOTE))
		return false;
	if (now - out->flood < FLOOD_TIME)
		return ++out->troubles > FLOOD_LINES;
	if (out->troubles > FLOOD_LINES) {
		snprintf(text, sizeof(text),
		    "%u more lines like these were left out",
		    out->troubles - FLOOD_LINES);
		say(out, &(struct event){ .type = EVENT_NOTE, .text = text });
	}
	out->flood = now;
	out->troubles = 1;
	return false;
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
	/* A session that stays may meet them again. */
	if (event->type == EVENT_SKIPPED && (out->verbose == 0 || out->rested))
		return;
	progress_wipe(&out->bar);
	if (too_much(out, event))
		return;
	if (event->type == EVENT_GUARD &&
	    event->action->what.type == ACTION_DELETE_REMOTE)
		out->guard_remote++;
	else if (event->type == EVENT_GUARD)
		out->guard_local++;
	say(out, event);
	if (event->type != EVENT_LIVE)
		return;
	fflush(stdout);
	if (out->session != NULL)
		session_rests(out->session);
	out->rested = true;
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
	logfile_say(out->log, "dsync: %s\n", err->text);
	if (out->json)
		json_error(err);
}

void
output_aside(struct output *out, const char *host, const char *text)
{
	char show[STR_SHOW];

	if (out->mute)
		return;
	progress_wipe(&out->bar);
	fflush(stdout);
	fprintf(stderr, "%s: %s\n", host, str_show(show, text));
	logfile_say(out->log, "%s: %s\n", host, show);
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
