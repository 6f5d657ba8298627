/* SPDX-License-Identifier: MIT */
/* A survey that waits one step before it begins: see look.h. */
#include "config.h"

#include "sync/look.h"

#include <stddef.h>

#include "sync/survey.h"

void
look_soon(struct look *look)
{
	look_end(look);
	look->due = true;
}

bool
look_busy(const struct look *look)
{
	return look->due || look->survey != NULL;
}

enum status
look_step(struct look *look, struct replica *r, bool *ret_done, struct err *err)
{
	enum status st = ST_OK;

	*ret_done = false;
	if (look->due) {
		look->due = false;
		return survey_new(r, NULL, &look->survey) == ST_OK ? ST_OK :
							       err_nomem(err);
	}
	if (look->survey == NULL)
		return ST_OK;
	st = survey_step(look->survey, ret_done, err);
	if (st != ST_OK || *ret_done)
		look_end(look);
	return st;
}

void
look_end(struct look *look)
{
	look->due = false;
	survey_free(look->survey);
	look->survey = NULL;
}
