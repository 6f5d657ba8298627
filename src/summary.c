/* SPDX-License-Identifier: MIT */
/*
 * "in sync: 12 sent, 1 deleted, 1,204 files, 0.12 s".  The first words are
 * the verdict; "in sync" stands there only if both sides proved it.
 */
#include "config.h"

#include "summary.h"

#include <string.h>

#include "json.h"
#include "logfile.h"
#include "options.h"
#include "stats.h"
#include "util/env.h"
#include "util/str.h"

/* What stands around a part: ", 3 things" or "3 things, ". */
struct seam {
	const char *before, *after;
};

/* Nothing, if n is 0; one and many are the words for it. */
static void
join(FILE *f, const struct seam *seam, uint64_t n, const char *one,
    const char *many)
{
	char buf[STR_COUNT];

	if (n > 0)
		fprintf(f, "%s%s %s%s", seam->before, str_count(buf, n),
		    n == 1 ? one : many, seam->after);
}

static void
part(FILE *f, uint64_t n, const char *one, const char *many)
{
	join(f, &(struct seam){ "", ", " }, n, one, many);
}

static void
left(FILE *f, const struct seam *seam, const struct summary *s)
{
	join(f, seam, s->conflicts_open,
	    "conflict left to you (dsync conflicts)",
	    "conflicts left to you (dsync conflicts)");
	join(f, seam, s->problems, "file could not be synced",
	    "files could not be synced");
	join(f, seam, s->local_only, "file stays local (not allowed to go)",
	    "files stay local (not allowed to go)");
}

void
summary_left(FILE *f, const struct summary *s)
{
	left(f, &(struct seam){ ", ", "" }, s);
}

uint64_t
summary_changes(const struct summary *s)
{
	return s->sent + s->fetched + s->deleted_local + s->deleted_remote +
	    s->moved_local + s->moved_remote;
}

static const char *
verdict(const struct outcome *end)
{
	const struct summary *s = &end->s;

	/* A watch may have done much before. */
	if (s->guard || end->status == ST_GUARD)
		return summary_changes(s) > 0 && !s->dry_run ?
		    "stopped by the guard" :
		    "stopped by the guard, nothing was changed";
	if (end->status != ST_OK)
		return "stopped";
	if (end->verify)
		return s->in_sync ? "verified, equal" : "verified, not equal";
	if (s->dry_run)
		return "dry run";
	if (s->in_sync)
		return "in sync";
	if (end->code == EXITCODE_OK)
		return "done";
	return "not in sync";
}

static void
print_changes(FILE *f, const struct summary *s)
{
	const uint64_t deleted = s->deleted_local + s->deleted_remote;
	const uint64_t moved = s->moved_local + s->moved_remote;
	const bool dry = s->dry_run;

	if (summary_changes(s) + s->adopted + s->let_go == 0)
		fputs("nothing to do, ", f);
	part(f, s->sent, dry ? "to send" : "sent", dry ? "to send" : "sent");
	part(f, s->fetched, dry ? "to fetch" : "fetched",
	    dry ? "to fetch" : "fetched");
	part(f, deleted, dry ? "to delete" : "deleted",
	    dry ? "to delete" : "deleted");
	part(f, moved, dry ? "to move" : "moved", dry ? "to move" : "moved");
	part(f, s->adopted, "equal already", "equal already");
	part(f, s->let_go, "not synced any more", "not synced any more");
	if (dry)
		part(f, s->conflicts, "conflict to decide",
		    "conflicts to decide");
	else
		part(f, s->conflicts, "conflict decided (loser kept)",
		    "conflicts decided (losers kept)");
}

/* Why it is not in sync, or not everything is. */
static void
print_rest(FILE *f, const struct outcome *end)
{
	const struct summary *s = &end->s;

	left(f, &(struct seam){ "", ", " }, s);
	part(f, s->masked, "change not carried in this direction",
	    "changes not carried in this direction");
	if (s->repaired)
		fputs("a difference was found and mended, ", f);
	if (end->status == ST_OK && end->code == EXITCODE_PARTIAL &&
	    s->problems == 0)
		fputs("the sides still differ: run it again, ", f);
}

static void
print_line(FILE *f, const struct outcome *end)
{
	const struct summary *s = &end->s;
	const bool ran = end->status == ST_OK && !s->guard;
	char buf[STR_COUNT];

	fprintf(f, "%s: ", verdict(end));
	if (end->status != ST_OK && end->status != ST_GUARD)
		fprintf(f, "%s, ", err_name(end->status));
	if (!end->verify && (ran || s->sent + s->fetched > 0))
		print_changes(f, s);
	if (ran)
		print_rest(f, end);
	if (ran || s->files > 0)
		fprintf(f, "%s %s, ", str_count(buf, s->files),
		    s->files == 1 ? "file" : "files");
	fprintf(f, "%.2f s\n", (double)s->ns_all / (double)NSEC);
}

static void
print_json(const struct outcome *end)
{
	json_t *o = json_object();

	json_object_set_new(o, "event", json_string("summary"));
	json_object_set_new(o, "result", json_string(verdict(end)));
	json_object_set_new(o, "status", json_string(err_name(end->status)));
	json_object_set_new(o, "exit", json_integer(end->code));
	json_object_set_new(o, "in_sync", json_boolean(end->s.in_sync));
	json_object_set_new(o, "dry_run", json_boolean(end->s.dry_run));
	json_object_set_new(o, "guard", json_boolean(end->s.guard));
	json_object_set_new(o, "repaired", json_boolean(end->s.repaired));
	stats_json(&end->s, o);
	json_print(o);
}

/* -q: a run that ended by itself, and not as it should. */
static bool
worth_a_word(const struct outcome *end)
{
	return end->status == ST_OK && end->code != EXITCODE_OK &&
	    end->code != EXITCODE_PENDING && end->code != EXITCODE_GUARD;
}

static void
print_log(const struct outcome *end, struct logfile *log)
{
	FILE *f = logfile_begin(log);

	if (f != NULL && end->began)
		print_line(f, end);
	logfile_end(log);
}

void
summary_print(const struct options *o, const struct outcome *end,
    struct logfile *log)
{
	print_log(end, log);
	if (o->json) {
		print_json(end);
		return;
	}
	if (!end->began || (end->code == EXITCODE_BUSY && o->if_free))
		return;
	if (!o->quiet) {
		if (o->stats)
			stats_print(&end->s);
		print_line(stdout, end);
	} else if (worth_a_word(end)) {
		fputs("dsync: ", stderr);
		print_line(stderr, end);
	}
}
