/* SPDX-License-Identifier: MIT */
/*
 * "in sync: 12 sent, 1 deleted, 1,204 files, 0.12 s".  The first words are
 * the verdict; "in sync" stands there only if both sides proved it.
 */
#include "config.h"

#include "summary.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "json.h"
#include "options.h"
#include "util/env.h"
#include "util/str.h"

#define COMMAS 32

/* 1204 -> "1,204" */
static const char *
commas(char buf[COMMAS], uint64_t n)
{
	char digits[24];
	size_t len, i, used = 0;

	len = (size_t)snprintf(digits, sizeof(digits), "%" PRIu64, n);
	for (i = 0; i < len; i++) {
		if (i > 0 && (len - i) % 3 == 0)
			buf[used++] = ',';
		buf[used++] = digits[i];
	}
	buf[used] = '\0';
	return buf;
}

/* ", 3 things" unless n is 0; one and many are the words for it. */
static void
part(FILE *f, uint64_t n, const char *one, const char *many)
{
	char buf[COMMAS];

	if (n > 0)
		fprintf(f, "%s %s, ", commas(buf, n), n == 1 ? one : many);
}

static const char *
verdict(const struct outcome *end)
{
	const struct summary *s = &end->s;

	if (s->guard || end->status == ST_GUARD)
		return "stopped by the guard, nothing was changed";
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

	if (s->sent + s->fetched + deleted + moved + s->adopted == 0)
		fputs("nothing to do, ", f);
	part(f, s->sent, dry ? "to send" : "sent", dry ? "to send" : "sent");
	part(f, s->fetched, dry ? "to fetch" : "fetched",
	    dry ? "to fetch" : "fetched");
	part(f, deleted, dry ? "to delete" : "deleted",
	    dry ? "to delete" : "deleted");
	part(f, moved, dry ? "to move" : "moved", dry ? "to move" : "moved");
	part(f, s->adopted, "equal already", "equal already");
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

	part(f, s->conflicts_open, "conflict left to you (dsync conflicts)",
	    "conflicts left to you (dsync conflicts)");
	part(f, s->problems, "file could not be synced",
	    "files could not be synced");
	part(f, s->local_only, "file stays local (not allowed to go)",
	    "files stay local (not allowed to go)");
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
	char buf[COMMAS];

	fprintf(f, "%s: ", verdict(end));
	if (end->status != ST_OK && end->status != ST_GUARD)
		fprintf(f, "%s, ", err_name(end->status));
	if (!end->verify && (ran || s->sent + s->fetched > 0))
		print_changes(f, s);
	if (ran)
		print_rest(f, end);
	if (ran || s->files > 0)
		fprintf(f, "%s %s, ", commas(buf, s->files),
		    s->files == 1 ? "file" : "files");
	fprintf(f, "%.2f s\n", (double)s->ns_all / (double)NSEC);
}

static void
print_stats(const struct summary *s)
{
	char buf[COMMAS], size[16], size_in[16];

	printf("Files in both folders: %s\n", commas(buf, s->files));
	printf("Sent:     %s files, %s in %s\n", commas(buf, s->sent),
	    str_size(size, s->size_sent), str_size(size_in, s->bytes_sent));
	printf("Fetched:  %s files, %s in %s\n", commas(buf, s->fetched),
	    str_size(size, s->size_fetched),
	    str_size(size_in, s->bytes_fetched));
	printf("Deleted:  %" PRIu64 " there, %" PRIu64 " here\n",
	    s->deleted_remote, s->deleted_local);
	printf("Moved:    %" PRIu64 " there, %" PRIu64 " here\n",
	    s->moved_remote, s->moved_local);
	printf("Equal:    %s files found equal, nothing was sent\n",
	    commas(buf, s->adopted));
	printf("Link:     %s out, %s in, %" PRIu64 " round trips\n",
	    str_size(size, s->wire_out), str_size(size_in, s->wire_in),
	    s->round_trips);
	printf("Time:     %.3f s scan, %.3f s waiting, %.3f s transfer, "
	       "%.3f s in all\n",
	    (double)s->ns_scan / (double)NSEC,
	    (double)s->ns_wait / (double)NSEC,
	    (double)s->ns_transfer / (double)NSEC,
	    (double)s->ns_all / (double)NSEC);
}

static void
put(json_t *o, const char *key, uint64_t n)
{
	json_object_set_new(o, key, json_integer((json_int_t)n));
}

static void
put_numbers(json_t *o, const struct summary *s)
{
	put(o, "sent", s->sent);
	put(o, "fetched", s->fetched);
	put(o, "deleted_remote", s->deleted_remote);
	put(o, "deleted_local", s->deleted_local);
	put(o, "moved_remote", s->moved_remote);
	put(o, "moved_local", s->moved_local);
	put(o, "adopted", s->adopted);
	put(o, "conflicts", s->conflicts);
	put(o, "conflicts_open", s->conflicts_open);
	put(o, "local_only", s->local_only);
	put(o, "masked", s->masked);
	put(o, "problems", s->problems);
	put(o, "files", s->files);
	put(o, "size_sent", s->size_sent);
	put(o, "size_fetched", s->size_fetched);
	put(o, "bytes_sent", s->bytes_sent);
	put(o, "bytes_fetched", s->bytes_fetched);
	put(o, "wire_out", s->wire_out);
	put(o, "wire_in", s->wire_in);
	put(o, "round_trips", s->round_trips);
	put(o, "ns_scan", (uint64_t)s->ns_scan);
	put(o, "ns_wait", (uint64_t)s->ns_wait);
	put(o, "ns_transfer", (uint64_t)s->ns_transfer);
	put(o, "ns_all", (uint64_t)s->ns_all);
}

static void
print_json(const struct outcome *end)
{
	json_t *o = json_object();

	json_object_set_new(o, "event", json_string("summary"));
	json_object_set_new(o, "result", json_string(verdict(end)));
	json_object_set_new(o, "status", json_string(err_name(end->status)));
	put(o, "exit", (uint64_t)end->code);
	json_object_set_new(o, "in_sync", json_boolean(end->s.in_sync));
	json_object_set_new(o, "dry_run", json_boolean(end->s.dry_run));
	json_object_set_new(o, "guard", json_boolean(end->s.guard));
	json_object_set_new(o, "repaired", json_boolean(end->s.repaired));
	put_numbers(o, &end->s);
	json_print(o);
}

/* -q: a run that ended by itself, and not as it should. */
static bool
worth_a_word(const struct outcome *end)
{
	return end->status == ST_OK && end->code != EXITCODE_OK &&
	    end->code != EXITCODE_PENDING && end->code != EXITCODE_GUARD;
}

void
summary_print(const struct options *o, const struct outcome *end)
{
	if (o->json) {
		print_json(end);
		return;
	}
	if (!end->began || (end->code == EXITCODE_BUSY && o->if_free))
		return;
	if (!o->quiet) {
		if (o->stats)
			print_stats(&end->s);
		print_line(stdout, end);
	} else if (worth_a_word(end)) {
		fputs("dsync: ", stderr);
		print_line(stderr, end);
	}
}
