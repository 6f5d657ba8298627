/* SPDX-License-Identifier: MIT */
#ifndef DSYNC_SYNC_REPORT_H
#define DSYNC_SYNC_REPORT_H

/*
 * What a run tells the program that started it.  Nothing below src/ prints;
 * it calls here.  All that an event points to is borrowed for the call.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sync/tally.h"
#include "util/err.h"

struct action;
struct guard_verdict;

enum event_type {
	EVENT_CHANGE, /* action was carried out (dry run: would be) */
	EVENT_LEFT, /* action's path stands as it is; see its reason */
	EVENT_SKIPPED, /* path is no file that is synced, for what it is: text */
	EVENT_PROBLEM, /* path could not be synced: code, text; others go on */
	EVENT_NOTE, /* text: something worth knowing */
	EVENT_GUARD, /* action is a deletion that the guard would not allow */
	EVENT_PROGRESS, /* progress has moved */
	EVENT_LIVE, /* a live session rests: all is done, progress->files */
};

struct progress {
	const char *step; /* "scan", "compare", "transfer", "finish" */
	uint64_t files; /* done so far, of files_all */
	uint64_t files_all;
	uint64_t bytes;
	uint64_t bytes_all;
};

struct event {
	enum event_type type;
	const struct action *action;
	const char *path;
	const char *text;
	enum status code;
	const struct progress *progress;
};

struct report {
	void (*event)(void *ctx, const struct event *event);
	void *ctx;
};

/* What a run came to. */
struct summary {
	uint64_t sent, fetched; /* files whose contents went */
	uint64_t deleted_remote, deleted_local;
	uint64_t moved_remote, moved_local;
	uint64_t adopted; /* found equal, no contents went */
	uint64_t let_go; /* not synced any more */
	uint64_t conflicts; /* decided in this run */
	uint64_t conflicts_open; /* left for a person */
	uint64_t local_only; /* not allowed to go */
	uint64_t masked; /* not carried in this direction */
	uint64_t problems;
	uint64_t files; /* in the agreed tree */
	uint64_t size_sent, size_fetched; /* what these files hold, and */
	uint64_t bytes_sent,
	    bytes_fetched; /*  what of it, or as a delta, went */
	struct tally forms_sent, forms_fetched; /* the same by form */
	uint64_t wire_out, wire_in; /* on the link */
	uint64_t round_trips;
	int64_t ns_connect; /* until the other side said who it is */
	int64_t ns_scan; /* the folder here walked and compared */
	int64_t ns_hash; /* and what was not known of it read */
	int64_t ns_transfer; /* while the plan was carried out */
	int64_t ns_apply; /*  of this, putting here what was taken */
	int64_t ns_wait; /* with nothing to do here */
	int64_t ns_all;
	bool in_sync; /* the proof: fingerprints equal, nothing pending */
	bool repaired; /* the fingerprints differed, a comparison mended it */
	bool dry_run;
	bool guard; /* tripped: nothing was changed */
};

/* Counts an action that was carried out, or would be. */
void summary_count(struct summary *summary, const struct action *action);

void report_event(const struct report *report, const struct event *event);
void report_note(const struct report *report, const char *fmt, ...)
    PRINTF_LIKE(2, 3);
void report_problem(const struct report *report, const char *path,
    const struct err *err);

#endif
