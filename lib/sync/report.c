/* SPDX-License-Identifier: MIT */
/* Small helpers to tell the program what happened: see report.h. */
#include "config.h"

#include "sync/report.h"

#include <stdarg.h>
#include <stdio.h>

#include "core/plan.h"

void
report_event(const struct report *report, const struct event *event)
{
	if (report != NULL && report->event != NULL)
		report->event(report->ctx, event);
}

void
report_note(const struct report *report, const char *fmt, ...)
{
	char text[600];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	report_event(report,
	    &(struct event){ .type = EVENT_NOTE, .text = text });
}

void
report_problem(const struct report *report, const char *path,
    const struct err *err)
{
	report_event(report,
	    &(struct event){ .type = EVENT_PROBLEM,
		.path = path,
		.text = err->text,
		.code = err->code });
}

void
summary_count(struct summary *s, const struct action *a)
{
	switch (a->what.type) {
	case ACTION_SEND:
		s->sent++;
		s->size_sent += a->local.size;
		break;
	case ACTION_FETCH:
		s->fetched++;
		s->size_fetched += a->remote.size;
		break;
	case ACTION_DELETE_REMOTE:
		s->deleted_remote++;
		break;
	case ACTION_DELETE_LOCAL:
		s->deleted_local++;
		break;
	case ACTION_MOVE_REMOTE:
		s->moved_remote++;
		break;
	case ACTION_MOVE_LOCAL:
		s->moved_local++;
		break;
	case ACTION_ADOPT:
		s->adopted++;
		break;
	case ACTION_LET_GO:
		s->let_go++;
		break;
	case ACTION_NONE:
	case ACTION_FORGET:
	case ACTION_LEAVE:
		break;
	}
	s->conflicts += a->what.conflict && a->what.type != ACTION_LEAVE;
}
