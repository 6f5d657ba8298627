/* SPDX-License-Identifier: MIT */
/*
 * What a peer does of its own accord: while its client rests it looks at what
 * happened in the folder, and tells what came of that, or of what other
 * clients' peers wrote down meanwhile.
 */
#include "config.h"

#include <string.h>

#include "fs/presence.h"
#include "store/journal.h"
#include "sync/live.h"
#include "sync/peer_state.h"
#include "sync/recover.h"
#include "sync/replica.h"
#include "util/env.h"

enum status
peer_listen(struct peer *p, uint32_t settle_ms, struct err *err)
{
	const int64_t settle = settle_ms == 0 ? LIVE_SETTLE :
						settle_ms * (NSEC / 1000);
	struct err ignored;

	if (p->replica->read_only)
		return err_set(err, ST_PROTO, "live, and a dry run");
	if (live_new(p->replica, settle, &p->live) != ST_OK)
		return err_nomem(err);
	p->look.live = p->live;
	/* Worth knowing, and no more. */
	(void)!presence_new(p->replica->root, p->replica->run, p->name,
	    &p->presence, &ignored);
	return ST_OK;
}

void
peer_tell_others(struct peer *p, struct message *m)
{
	if (p->presence != NULL)
		m->others.n = presence_others(p->presence, m->others.name,
		    MESSAGE_OTHERS);
}

/* The client is told what is not known to it, and says DONE when it has it. */
enum status
peer_look_done(struct peer *p, struct err *err)
{
	struct err ignored;
	uint64_t last;
	enum status st;

	p->looks = false;
	/*
	 * Somebody else was at it, and has not written down yet what he did;
	 * or was killed, and never will.
	 */
	if (p->replica->others) {
		(void)!recover(p->replica, &ignored);
		live_put_back(p->live, p->replica->scope);
	}
	st = journal_last_seq(p->replica->db, &last, err);
	if (st != ST_OK || last == p->told.seq)
		return st;
	p->idle = false;
	p->since = p->told;
	return peer_begin_to_tell(p, true, err);
}

/*
 * One thing is told after the other, whatever the client is through with; and
 * the first when it asks.
 */
static bool
may_look(const struct peer *p)
{
	return p->idle && p->asked && p->teller == NULL && !look_busy(&p->look);
}

enum status
peer_live_step(struct peer *p, struct err *err)
{
	struct scope *scope;
	enum status st;

	if (p->live == NULL || !may_look(p))
		return ST_OK;
	st = live_take(p->live, &scope, err);
	if (st != ST_OK || scope == NULL)
		return st;
	p->looks = true;
	look_soon_at(&p->look, scope);
	return ST_OK;
}

/* Its journal is enough to go by: it was asked in time, and is the same one. */
bool
peer_has_heard(struct peer *p, const struct message_cursor *since)
{
	struct err ignored;
	uint64_t last;

	return p->live != NULL && live_ready(p->live) &&
	    strcmp(since->epoch, p->replica->epoch) == 0 &&
	    journal_last_seq(p->replica->db, &last, &ignored) == ST_OK &&
	    since->seq <= last;
}

int64_t
peer_due(const struct peer *p)
{
	if (p->live == NULL || look_busy(&p->look))
		return INT64_MAX;
	if (!live_ready(p->live))
		return 0;
	return may_look(p) ? live_due(p->live) : INT64_MAX;
}

int
peer_fd(const struct peer *p)
{
	return p->live == NULL ? -1 : live_fd(p->live);
}
