/* SPDX-License-Identifier: MIT */
/*
 * A process of dsync as the kernel sees it: each of its calls may fail, be
 * cut short, be preceded by a user's save, or be one too many: then it is
 * dead, and whatever it still calls has no effect.
 */
#include "config.h"

#include <sys/stat.h>

#include <errno.h>
#include <string.h>

#include "model/model.h"
#include "model/session.h"

#define EDITS_MEANWHILE 500 /* a session that stays would never end */

static int64_t
now(struct env *env)
{
	const struct process *p = (const struct process *)env;

	return side_now(p->w, p->side);
}

static int64_t
ticks(struct env *env)
{
	return ((const struct process *)env)->w->now;
}

static void
get_random(struct env *env, void *buf, size_t len)
{
	struct process *p = (struct process *)env;
	uint8_t *bytes = buf;
	size_t i;

	for (i = 0; i < len; i++)
		bytes[i] = (uint8_t)draw(p->w);
}

static bool
named(const char *ops, const char *op)
{
	char padded[32];

	snprintf(padded, sizeof(padded), " %s ", op);
	return ops == NULL || strstr(ops, padded) != NULL;
}

static int
fault(struct env *env, const char *op, size_t *len)
{
	struct process *p = (struct process *)env;

	if (p->inside)
		return 0;
	p->calls += !p->dead;
	if (p->calls == p->kill_at && !p->dead) {
		p->dead = p->faulted = true;
		trace(p->w, "%c: killed at call %llu, %s", "SABC"[p->side],
		    (unsigned long long)p -> calls, op);
	}
	if (p->dead)
		return EIO;
	if (len != NULL && *len > 1 && p->shorten)
		*len = 1 + draw_below(p->w, *len);
	if (p->calls == p->edit_at && p->edits++ < EDITS_MEANWHILE) {
		p->edit_at += p->edit_every == 0 ? 0 : p->edit_every;
		p->inside = true;
		edit_meanwhile(p->w, p->side);
		p->inside = false;
	}
	/* Whatever the call does to the store. */
	p->w->side[p->side].n_stored = 0;
	if (p->calls < p->fail_at || p->calls >= p->fail_end ||
	    !named(p->fail_ops, op))
		return 0;
	p->faulted = p->w->faulty = true;
	trace(p->w, "%c: call %llu, %s fails: %s", "SABC"[p->side],
	    (unsigned long long)p -> calls, op, strerror(p->fail_errno));
	return p->fail_errno;
}

/*
 * The kernel's own clock ticks as it likes: what a file's ctime says must be
 * what the seed says.
 */
static void
filed(struct env *env, struct stat *st)
{
	const struct process *p = (const struct process *)env;
	const int64_t ctime = side_ctime(p->w, p->side, st);

	st->st_ctim.tv_sec = ctime / NSEC;
	st->st_ctim.tv_nsec = ctime % NSEC;
}

static const struct env_ops ops = {
	.now = now,
	.ticks = ticks,
	.random = get_random,
	.fault = fault,
	.filed = filed,
};

void
process_init(struct process *p, struct world *w, size_t side)
{
	*p = (struct process){ .env = { &ops }, .w = w, .side = side };
}

void
process_draw_faults(struct process *p)
{
	struct world *w = p->w;
	size_t r = draw_below(w, 100);

	p->shorten = chance(w, 6);
	if (chance(w, 14)) {
		p->edit_at = 1 + draw_below(w, 300);
		p->edit_every = chance(w, 50) ? 0 : 1 + draw_below(w, 60);
	}
	if (r < 14) {
		p->kill_at = 1 + draw_below(w, chance(w, 50) ? 120 : 500);
		return;
	}
	if (r >= 34)
		return;
	p->fail_at = 1 + draw_below(w, chance(w, 50) ? 100 : 400);
	p->fail_end = p->fail_at + 1 + draw_below(w, chance(w, 50) ? 3 : 200);
	if (r < 22) {
		p->fail_errno = ENOSPC;
		p->fail_ops = " write renameat2 mkdirat linkat commit db ";
	} else if (r < 26) {
		p->fail_errno = EIO;
		p->fail_ops = " fsync syncfs commit ";
	} else if (r < 30) {
		p->fail_errno = chance(w, 50) ? EACCES : EMFILE;
		p->fail_ops = " openat ";
	} else {
		p->fail_errno = EIO;
		p->fail_end = p->fail_at + 2;
	}
}
