/* SPDX-License-Identifier: MIT */
/*
 * Where the bytes went, and the time.  What both directions have in common is
 * made once; what is zero is not worth a person's look.
 */
#include "config.h"

#include "stats.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>

#include "sync/report.h"
#include "util/env.h"
#include "util/str.h"

/* "3 files, 31 MB in 30 KB" */
static void
print_files(const char *label, const struct tally_row *row)
{
	char buf[STR_COUNT], size[16], bytes[16];

	printf("%s %s %s, %s in %s\n", label, str_count(buf, row->files),
	    row->files == 1 ? "file" : "files", str_size(size, row->size),
	    str_size(bytes, row->bytes));
}

/* That all were sent as they are goes without saying. */
static bool
is_plain(const struct tally *tally)
{
	enum tally_form i;

	for (i = 0; i < TALLY__MAX; i++)
		if (i != TALLY_WHOLE && i != TALLY_MOVED &&
		    tally->row[i].files > 0)
			return false;
	return true;
}

static void
print_way(const char *label, const struct tally_row *all,
    const struct tally *tally)
{
	enum tally_form i;
	char name[32];

	if (all->files == 0)
		return;
	print_files(label, all);
	for (i = 0; i < TALLY__MAX && !is_plain(tally); i++) {
		if (i == TALLY_MOVED || tally->row[i].files == 0)
			continue;
		snprintf(name, sizeof(name), "  %-13s", tally_name(i));
		print_files(name, &tally->row[i]);
	}
}

static void
print_moved(const struct summary *s)
{
	const uint64_t size = s->forms_sent.row[TALLY_MOVED].size +
	    s->forms_fetched.row[TALLY_MOVED].size;
	char there[STR_COUNT], here[STR_COUNT], buf[16];

	if (s->moved_remote + s->moved_local == 0)
		return;
	printf("Moved:    %s there, %s here", str_count(there, s->moved_remote),
	    str_count(here, s->moved_local));
	/* Of what would be moved nothing has been counted. */
	if (size > 0)
		printf(", %s in 0 B", str_size(buf, size));
	putchar('\n');
}

static void
print_changes(const struct summary *s)
{
	const struct tally_row sent = { s->sent, s->size_sent, s->bytes_sent };
	const struct tally_row fetched = { s->fetched, s->size_fetched,
		s->bytes_fetched };
	char there[STR_COUNT], here[STR_COUNT];

	print_way("Sent:    ", &sent, &s->forms_sent);
	print_way("Fetched: ", &fetched, &s->forms_fetched);
	if (s->deleted_remote + s->deleted_local > 0)
		printf("Deleted:  %s there, %s here\n",
		    str_count(there, s->deleted_remote),
		    str_count(here, s->deleted_local));
	print_moved(s);
	if (s->adopted > 0)
		printf("Equal:    %s files found equal, nothing was sent\n",
		    str_count(there, s->adopted));
}

static uint64_t
saved(const struct summary *s)
{
	return tally_saved(&s->forms_sent) + tally_saved(&s->forms_fetched);
}

static uint64_t
size_of(const struct tally *tally)
{
	uint64_t size = 0;
	enum tally_form i;

	for (i = 0; i < TALLY__MAX; i++)
		size += tally->row[i].size;
	return size;
}

static void
print_link(const struct summary *s)
{
	const uint64_t size = size_of(&s->forms_sent) +
	    size_of(&s->forms_fetched);
	char out[16], in[16];

	if (saved(s) > 0)
		printf("Saved:    %s, %.1f %% of what all these files hold\n",
		    str_size(out, saved(s)),
		    100.0 * (double)saved(s) / (double)size);
	printf("Link:     %s out, %s in, %" PRIu64 " round trip%s\n",
	    str_size(out, s->wire_out), str_size(in, s->wire_in),
	    s->round_trips, s->round_trips == 1 ? "" : "s");
}

static void
print_time(const struct summary *s)
{
	const struct {
		const char *name;
		int64_t ns;
	} parts[] = { { "connect", s->ns_connect }, { "scan", s->ns_scan },
		{ "hash", s->ns_hash }, { "transfer", s->ns_transfer },
		{ "apply", s->ns_apply }, { "waiting", s->ns_wait } };
	size_t i;

	fputs("Time:     ", stdout);
	for (i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		if (parts[i].ns >= NSEC / 2000)
			printf("%.3f s %s, ",
			    (double)parts[i].ns / (double)NSEC, parts[i].name);
	printf("%.3f s in all\n", (double)s->ns_all / (double)NSEC);
}

void
stats_print(const struct summary *s)
{
	char buf[STR_COUNT];

	printf("Files in both folders: %s\n", str_count(buf, s->files));
	print_changes(s);
	print_link(s);
	print_time(s);
}

static void
put(json_t *o, const char *key, uint64_t n)
{
	json_object_set_new(o, key, json_integer((json_int_t)n));
}

static void
put_counts(json_t *o, const struct summary *s)
{
	put(o, "sent", s->sent);
	put(o, "fetched", s->fetched);
	put(o, "deleted_remote", s->deleted_remote);
	put(o, "deleted_local", s->deleted_local);
	put(o, "moved_remote", s->moved_remote);
	put(o, "moved_local", s->moved_local);
	put(o, "adopted", s->adopted);
	put(o, "let_go", s->let_go);
	put(o, "conflicts", s->conflicts);
	put(o, "conflicts_open", s->conflicts_open);
	put(o, "local_only", s->local_only);
	put(o, "masked", s->masked);
	put(o, "problems", s->problems);
	put(o, "files", s->files);
}

static void
put_sizes(json_t *o, const struct summary *s)
{
	put(o, "size_sent", s->size_sent);
	put(o, "size_fetched", s->size_fetched);
	put(o, "bytes_sent", s->bytes_sent);
	put(o, "bytes_fetched", s->bytes_fetched);
	put(o, "wire_out", s->wire_out);
	put(o, "wire_in", s->wire_in);
	put(o, "round_trips", s->round_trips);
	put(o, "saved", saved(s));
}

static void
put_times(json_t *o, const struct summary *s)
{
	put(o, "ns_connect", (uint64_t)s->ns_connect);
	put(o, "ns_scan", (uint64_t)s->ns_scan);
	put(o, "ns_hash", (uint64_t)s->ns_hash);
	put(o, "ns_wait", (uint64_t)s->ns_wait);
	put(o, "ns_transfer", (uint64_t)s->ns_transfer);
	put(o, "ns_apply", (uint64_t)s->ns_apply);
	put(o, "ns_all", (uint64_t)s->ns_all);
}

static json_t *
forms(const struct tally *tally)
{
	json_t *all = json_object(), *one;
	enum tally_form i;

	for (i = 0; i < TALLY__MAX; i++) {
		if (tally->row[i].files == 0)
			continue;
		one = json_object();
		put(one, "files", tally->row[i].files);
		put(one, "size", tally->row[i].size);
		put(one, "bytes", tally->row[i].bytes);
		json_object_set_new(all, tally_key(i), one);
	}
	return all;
}

void
stats_json(const struct summary *s, json_t *o)
{
	put_counts(o, s);
	put_sizes(o, s);
	put_times(o, s);
	json_object_set_new(o, "forms_sent", forms(&s->forms_sent));
	json_object_set_new(o, "forms_fetched", forms(&s->forms_fetched));
}
