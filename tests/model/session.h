/* SPDX-License-Identifier: MIT */
#ifndef DSYNC_TESTS_MODEL_SESSION_H
#define DSYNC_TESTS_MODEL_SESSION_H

/* Processes of dsync in the simulated world, and what can happen to them. */

#include "model/model.h"

/* process.c: a process as the kernel sees it */
struct process {
	struct env env; /* first: one is the other */
	struct world *w;
	size_t side;
	uint64_t calls;
	uint64_t kill_at; /* call that it does not survive; 0: none */
	uint64_t fail_at, fail_end; /* calls that fail, if of fail_ops */
	const char *fail_ops; /* " write openat "; NULL: all */
	int fail_errno;
	uint64_t edit_at, edit_every; /* a user is busy meanwhile; 0: not */
	unsigned edits; /* that he has made */
	bool shorten;
	bool dead;
	bool faulted; /* a call failed */
	bool inside; /* the hook is running */
};

void process_init(struct process *p, struct world *w, size_t side);
void process_draw_faults(struct process *p);

/* session.c: a client, its peer, and the link between them */
struct run {
	enum direction direction;
	bool have_conflict;
	enum conflict_rule conflict;
	bool exact, keep_deleted, checksum, compress, dry_run;
	bool guarded;
	bool live; /* it stays, until nothing happens any more */
	bool faults; /* may happen */
	bool quiet; /* events are not traced */
	size_t server; /* the side */
};

struct session_result {
	bool over;
	bool ok; /* the client's run ended well */
	bool touched; /* by a kill, a failing call, or a cut */
	bool in_sync;
	bool repaired; /* the proof failed, and a full comparison followed */
	int status;
	uint64_t bytes; /* of contents, both ways */
	uint64_t problems;
	uint64_t changes; /* that it made, or in a dry run would make */
};

void run_draw(struct world *w, struct run *run);
struct session *session_new(struct world *w, size_t client,
    const struct run *run);
struct process *session_process(struct session *s, bool peer);
void session_cut_after(struct session *s, uint64_t bytes, bool upward);
void session_some(struct session *s); /* the next thing that happens in it */
/* To its end; frees it. */
void session_finish(struct session *s, struct session_result *ret);
bool session_over(const struct session *s);

#endif
