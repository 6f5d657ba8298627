/* SPDX-License-Identifier: MIT */
/*
 * Who answers may be a session that has read what a server said: its texts are
 * shown as names are, and its numbers are what they are.
 */
#include "config.h"

#include "steer_show.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "history.h"
#include "json.h"
#include "options.h"
#include "summary.h"
#include "util/str.h"

static const char *
text_of(const json_t *answer, const char *key, char shown[STR_SHOW])
{
	const char *text = json_string_value(json_object_get(answer, key));

	return text == NULL ? NULL : str_show(shown, text);
}

static uint64_t
number_of(const json_t *answer, const char *key)
{
	return (uint64_t)json_integer_value(json_object_get(answer, key));
}

/* What is not on both sides; nothing, if all is. */
static void
show_left(FILE *f, const json_t *answer)
{
	const struct summary s = {
		.conflicts_open = number_of(answer, "conflicts_open"),
		.problems = number_of(answer, "problems"),
		.local_only = number_of(answer, "local_only"),
	};

	summary_left(f, &s);
	fputc('\n', f);
}

static void
show_flush(FILE *f, const json_t *answer)
{
	const uint64_t files = number_of(answer, "files");
	char count[STR_COUNT];

	fprintf(f, "%s: %s %s",
	    json_is_true(json_object_get(answer, "in_sync")) ? "in sync" :
							       "not in sync",
	    str_count(count, files), files == 1 ? "file" : "files");
	show_left(f, answer);
}

static void
show_json(enum steer_what what, json_t *answer)
{
	(void)!json_object_set_new(answer, "event",
	    json_string(steer_word(what)));
	json_print(json_incref(answer));
}

enum exitcode
steer_show(const struct options *o, enum steer_what what, json_t *answer)
{
	const uint64_t code = number_of(answer, "exit");
	FILE *f = code == EXITCODE_OK ? stdout : stderr;
	char shown[STR_SHOW];

	if (o->json) {
		show_json(what, answer);
	} else if (code != EXITCODE_OK || !o->quiet) {
		if (code != EXITCODE_OK)
			fputs("dsync: ", f);
		if (text_of(answer, "text", shown) != NULL)
			fprintf(f, "%s\n", shown);
		else
			show_flush(f, answer);
	}
	return code <= UINT8_MAX ? (enum exitcode)code : EXITCODE_DATA;
}

static void
show_others(const json_t *others)
{
	char shown[STR_SHOW];
	const char *name;
	size_t i;

	for (i = 0; i < json_array_size(others); i++) {
		name = json_string_value(json_array_get(others, i));
		printf("%s%s", i == 0 ? "others:    " : ", ",
		    str_show(shown, name == NULL ? "?" : name));
	}
	if (i > 0)
		putchar('\n');
}

void
steer_show_status(const json_t *answer)
{
	const int64_t since = json_get_time(answer, "since");
	const int64_t last = json_get_time(answer, "last");
	char state[STR_SHOW], shown[STR_SHOW], when[HISTORY_TIME];

	if (text_of(answer, "state", state) == NULL)
		return;
	printf("watch:     %s", state);
	if (since != 0)
		printf(", since %s", history_time(when, since));
	putchar('\n');
	if (last != 0) {
		printf("at rest:   %s", history_time(when, last));
		show_left(stdout, answer);
	}
	if (text_of(answer, "server", shown) != NULL)
		printf("server:    %s\n", shown);
	show_others(json_object_get(answer, "others"));
	if (text_of(answer, "unwatched", shown) != NULL && *shown != '\0')
		printf("unwatched: %s\n", shown);
}
