/* SPDX-License-Identifier: MIT */
/* A survey that waits one step before it begins: see look.h. */
#include "config.h"

#include "sync/look.h"

#include <stddef.h>

#include "core/scope.h"
#include "fs/root.h"
#include "sync/live.h"
#include "sync/replica.h"
#include "sync/survey.h"

void
look_soon(struct look *look, bool whole)
{
	look_end(look);
	look->due = true;
	look->whole = whole;
}

void
look_soon_at(struct look *look, struct scope *scope)
{
	look_soon(look, false);
	look->scope = scope;
}

bool
look_busy(const struct look *look)
{
	return look->due || look->survey != NULL;
}

static enum status
start(struct look *look, struct replica *r, struct err *err)
{
	struct scope *scope = look->scope;
	const bool all = scope == NULL || scope_is_all(scope);
	enum status st = ST_OK;

	if (look->live != NULL && all && !live_ready(look->live))
		return ST_OK;
	/* A session that stays may have been left behind. */
	if (look->live != NULL)
		st = root_check_place(r->root, err);
	if (st != ST_OK)
		return st;
	if (look->live != NULL && all)
		live_forget(look->live);
	look->due = false;
	look->scope = NULL;
	return survey_new(r, scope, look->whole, &look->survey) == ST_OK ?
	    ST_OK :
	    err_nomem(err);
}

enum status
look_step(struct look *look, struct replica *r, bool *ret_done, struct err *err)
{
	enum status st = ST_OK;

	*ret_done = false;
	if (look->survey == NULL && look->live != NULL)
		st = live_step(look->live, err);
	if (st == ST_OK && look->due)
		return start(look, r, err);
	if (st != ST_OK || look->survey == NULL)
		return st;
	st = survey_step(look->survey, ret_done, err);
	if (st != ST_OK || *ret_done)
		look_end(look);
	if (*ret_done && look->live != NULL && r->scope == NULL)
		live_again(look->live);
	return st;
}

void
look_end(struct look *look)
{
	look->due = false;
	scope_free(look->scope);
	look->scope = NULL;
	survey_free(look->survey);
	look->survey = NULL;
}
