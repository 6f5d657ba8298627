/* SPDX-License-Identifier: MIT */
/*
 * Events for programs.  jansson escapes what JSON must have escaped; DEL and
 * C1, which it lets through, are escaped by asking it for ASCII alone.  Out of
 * memory shows as a missing member, never as a broken line.
 */
#include "config.h"

#include "json.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "core/plan.h"
#include "sync/report.h"
#include "util/auto.h"
#include "util/env.h"
#include "util/str.h"

void
json_put_path(json_t *o, const char *key, const char *path)
{
	autofree char *hex = NULL;
	autofree char *key_hex = NULL;
	char shown[STR_SHOW];
	size_t len;

	if (path == NULL)
		return;
	len = strlen(path);
	if (str_utf8(path, len)) {
		json_object_set_new(o, key, json_string(path));
		return;
	}
	json_object_set_new(o, key, json_string(str_show(shown, path)));
	hex = malloc(2 * len + 1);
	if (hex == NULL || asprintf(&key_hex, "%s_hex", key) == -1)
		return;
	str_hex(path, len, hex);
	json_object_set_new(o, key_hex, json_string(hex));
}

void
json_put_hash(json_t *o, const char *key, const struct hash *hash)
{
	char hex[HASH_HEX];

	hash_hex(hash, hex);
	json_object_set_new(o, key, json_string(hex));
}

void
json_put_time(json_t *o, const char *key, int64_t ns)
{
	const time_t t = (time_t)(ns / NSEC);
	char day[32], text[64];
	struct tm tm;

	if (ns < 0 || gmtime_r(&t, &tm) == NULL ||
	    strftime(day, sizeof(day), "%Y-%m-%dT%H:%M:%S", &tm) == 0)
		return;
	snprintf(text, sizeof(text), "%s.%09ldZ", day, (long)(ns % NSEC));
	json_object_set_new(o, key, json_string(text));
}

int64_t
json_get_time(const json_t *o, const char *key)
{
	const char *text = json_string_value(json_object_get(o, key));
	struct tm tm = { 0 };
	time_t t;

	if (text == NULL || strptime(text, "%Y-%m-%dT%H:%M:%S", &tm) == NULL)
		return 0;
	t = timegm(&tm);
	return t < 0 || t > INT64_MAX / NSEC ? 0 : (int64_t)t * NSEC;
}

void
json_print(json_t *o)
{
	autofree char *text = json_dumps(o, JSON_COMPACT | JSON_ENSURE_ASCII);
	const char *p;

	for (p = text; p != NULL && *p != '\0'; p++) {
		if (*p == 0x7f)
			fputs("\\u007f", stdout);
		else
			putchar(*p);
	}
	if (text != NULL)
		putchar('\n');
	json_decref(o);
}

static const char *
action_name(enum action_type type)
{
	static const char *const names[] = {
		[ACTION_NONE] = "none",
		[ACTION_SEND] = "send",
		[ACTION_FETCH] = "fetch",
		[ACTION_DELETE_REMOTE] = "delete-remote",
		[ACTION_DELETE_LOCAL] = "delete-local",
		[ACTION_MOVE_REMOTE] = "move-remote",
		[ACTION_MOVE_LOCAL] = "move-local",
		[ACTION_ADOPT] = "adopt",
		[ACTION_FORGET] = "forget",
		[ACTION_LET_GO] = "let-go",
		[ACTION_LEAVE] = "leave",
	};

	return (size_t)type < sizeof(names) / sizeof(names[0]) ? names[type] :
								 "none";
}

static void
put_entry(json_t *o, const char *key, const struct entry *e)
{
	json_t *side;

	if (e->kind != ENTRY_TEXT)
		return;
	side = json_object();
	json_put_hash(side, "sha256", &e->hash);
	json_object_set_new(side, "size", json_integer((json_int_t)e->size));
	json_put_time(side, "mtime", e->mtime);
	json_object_set_new(side, "exec", json_boolean(e->exec));
	json_object_set_new(o, key, side);
}

static void
put_action(json_t *o, const struct action *a)
{
	json_object_set_new(o, "do", json_string(action_name(a->what.type)));
	json_put_path(o, "path", a->path);
	json_put_path(o, "from", a->from);
	json_object_set_new(o, "reason",
	    json_string(reconcile_reason_text(a->what.reason)));
	json_object_set_new(o, "conflict", json_boolean(a->what.conflict));
	put_entry(o, "base", &a->base);
	put_entry(o, "local", &a->local);
	put_entry(o, "remote", &a->remote);
}

static void
put_progress(json_t *o, const struct progress *p)
{
	json_object_set_new(o, "step", json_string(p->step));
	json_object_set_new(o, "files", json_integer((json_int_t)p->files));
	json_object_set_new(o, "files_all",
	    json_integer((json_int_t)p->files_all));
	json_object_set_new(o, "bytes", json_integer((json_int_t)p->bytes));
	json_object_set_new(o, "bytes_all",
	    json_integer((json_int_t)p->bytes_all));
}

void
json_event(const struct event *event)
{
	static const char *const names[] = {
		[EVENT_CHANGE] = "change",
		[EVENT_LEFT] = "left",
		[EVENT_SKIPPED] = "skipped",
		[EVENT_PROBLEM] = "problem",
		[EVENT_NOTE] = "note",
		[EVENT_GUARD] = "guard",
		[EVENT_PROGRESS] = "progress",
	};
	json_t *o = json_object();

	json_object_set_new(o, "event", json_string(names[event->type]));
	if (event->action != NULL)
		put_action(o, event->action);
	else
		json_put_path(o, "path", event->path);
	if (event->type == EVENT_PROBLEM)
		json_object_set_new(o, "code",
		    json_string(err_name(event->code)));
	if (event->text != NULL)
		json_put_path(o, "text", event->text);
	if (event->progress != NULL)
		put_progress(o, event->progress);
	json_print(o);
}

void
json_live(uint64_t files)
{
	json_t *o = json_object();

	json_object_set_new(o, "event", json_string("live"));
	json_object_set_new(o, "files", json_integer((json_int_t)files));
	json_print(o);
}

void
json_error(const struct err *err)
{
	json_t *o = json_object();

	json_object_set_new(o, "event", json_string("error"));
	json_object_set_new(o, "code", json_string(err_name(err->code)));
	json_object_set_new(o, "exit", json_integer(exitcode_of(err->code)));
	json_put_path(o, "text", err->text);
	json_print(o);
}
