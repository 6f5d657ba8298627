/* SPDX-License-Identifier: MIT */
/* dsync presets: what a server offers to this key. */
#include "config.h"

#include <jansson.h>
#include <stdio.h>

#include "command.h"
#include "inquire.h"
#include "json.h"
#include "options.h"
#include "output.h"
#include "sync/ask.h"
#include "sync/policy.h"

static void
print_json(const struct ask_preset *p)
{
	json_t *o = json_object();

	json_object_set_new(o, "event", json_string("preset"));
	json_object_set_new(o, "name", json_string(p->name));
	json_object_set_new(o, "access",
	    json_string(policy_access_name(p->access)));
	if (p->description[0] != '\0')
		json_object_set_new(o, "description",
		    json_string(p->description));
	json_print(o);
}

static void
print_line(const struct ask_preset *p)
{
	printf("%-16s %s%s%s\n", p->name, policy_access_name(p->access),
	    p->description[0] == '\0' ? "" : "  # ", p->description);
}

static enum exitcode
run_presets(const struct invocation *inv)
{
	const struct options *o = inv->options;
	AUTO(ask) struct ask *ask = NULL;
	const struct ask_answer *answer;
	struct err err;
	size_t i;

	if (inquire(inv, inv->args[0], &ask, &err) != ST_OK)
		return output_fail(inv, &err);
	answer = ask_answer(ask);
	for (i = 0; i < answer->n; i++) {
		if (o->json)
			print_json(&answer->v[i]);
		else
			print_line(&answer->v[i]);
	}
	if (answer->n == 0 && !o->json && !o->quiet)
		puts("no presets");
	return EXITCODE_OK;
}

const struct command cmd_presets = {
	.name = "presets",
	.args = "[OPTION]... [USER@]HOST:",
	.what = "what a server offers to you",
	.more =
	    "Each line is a preset and what your key may do to it: read it, edit files\n"
	    "that are there, or all (full).\n",
	.groups = OPTIONS_ALL | OPTIONS_LINK,
	.min_args = 1,
	.max_args = 1,
	.run = run_presets,
};
