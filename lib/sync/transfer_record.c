/* SPDX-License-Identifier: MIT */
/* What is said of an action: its record, and how much of it is held already. */
#include "config.h"

#include <string.h>

#include "core/plan.h"
#include "fs/partial.h"
#include "sync/replica.h"
#include "sync/sender.h"
#include "sync/transfer_state.h"

void
transfer_operation(const struct action *a, size_t i, struct record *rec)
{
	const struct entry *was = a->from != NULL ? &a->gone : &a->remote;

	memset(rec, 0, sizeof(*rec));
	if (a->what.type != ACTION_DELETE_REMOTE)
		record_from_entry(rec, &a->local);
	rec->fields |= RECORD_ID | RECORD_PATH | RECORD_IF | RECORD_WHY;
	rec->id = (uint32_t)i;
	rec->path = a->path;
	if (a->from != NULL) {
		rec->fields |= RECORD_FROM;
		rec->from = a->from;
	}
	rec->if_kind = was->kind == ENTRY_TEXT ? ENTRY_TEXT : ENTRY_ABSENT;
	rec->if_exec = was->exec;
	rec->if_hash = was->hash;
	rec->why = (uint8_t)a->what.reason;
	rec->conflict = a->what.conflict;
}

/* How much of it the server has from a session that was cut. */
static uint64_t
held_there(const struct transfer *t, const struct entry *e)
{
	size_t i;

	for (i = 0; i < t->opts.n_held && e->size > SENDER_SMALL; i++)
		if (hash_equal(&t->opts.held[i].hash, &e->hash) &&
		    t->opts.held[i].size <= e->size)
			return t->opts.held[i].size;
	return 0;
}

/* The same for one that is to come here. */
static uint64_t
held_here(const struct transfer *t, const struct entry *e)
{
	char hex[HASH_HEX];
	uint64_t size;

	if (e->size <= SENDER_SMALL)
		return 0;
	hash_hex(&e->hash, hex);
	size = partial_size(t->r->root, hex);
	return size <= e->size ? size : 0;
}

static void
set_offset(struct record *rec, uint64_t held)
{
	if (held == 0)
		return;
	rec->fields |= RECORD_OFFSET;
	rec->offset = held;
}

void
transfer_offset(const struct transfer *t, const struct action *a,
    struct record *rec)
{
	set_offset(rec,
	    a->what.type == ACTION_SEND ? held_there(t, &a->local) :
					  held_here(t, &a->remote));
}
