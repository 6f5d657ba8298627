/* SPDX-License-Identifier: MIT */
/*
 * Features have names; a name that one side requires and the other does not
 * know is a refusal before anything was done.  Version numbers are only shown.
 */
#include "config.h"

#include "sync/hello.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "codec/message.h"
#include "fs/root.h"
#include "sync/replica.h"
#include "sync/wire.h"
#include "util/env.h"
#include "util/str.h"

static const char *const known[] = { HELLO_ZSTD, HELLO_DELTA, HELLO_SKETCH,
	HELLO_LIST, HELLO_LIVE };

void
hello_fill(struct message_hello *hello, struct env *env,
    const struct replica *r)
{
	snprintf(hello->version, sizeof(hello->version), "%s", PACKAGE_VERSION);
	hello->clock = env_now(env);
	hello_add(hello, HELLO_DELTA);
	hello_add(hello, HELLO_SKETCH);
	if (r == NULL)
		return;
	snprintf(hello->root, sizeof(hello->root), "%s", r->id);
	hello->granularity = root_granularity(r->root);
}

static bool
listed(const struct message_features *list, const char *feature)
{
	size_t i;

	for (i = 0; i < list->n; i++)
		if (strcmp(list->name[i], feature) == 0)
			return true;
	return false;
}

enum status
hello_check(const struct message_hello *theirs, struct err *err)
{
	size_t i, k;

	for (i = 0; i < theirs->require.n; i++) {
		const char *name = theirs->require.name[i];

		for (k = 0; k < sizeof(known) / sizeof(known[0]); k++)
			if (strcmp(name, known[k]) == 0)
				break;
		if (k == sizeof(known) / sizeof(known[0]))
			return err_set(err, ST_VERSION,
			    "the other side (dsync %s) requires \"%s\", which "
			    "dsync %s does not know; upgrade the older one",
			    theirs->version, name, PACKAGE_VERSION);
	}
	return ST_OK;
}

bool
hello_knows(const struct message_hello *hello, const char *feature)
{
	return listed(&hello->features, feature) ||
	    listed(&hello->require, feature);
}

bool
hello_requires(const struct message_hello *hello, const char *feature)
{
	return listed(&hello->require, feature);
}

void
hello_add(struct message_hello *hello, const char *feature)
{
	struct message_features *list = &hello->features;

	if (list->n < MESSAGE_FEATURES)
		snprintf(list->name[list->n++], sizeof(list->name[0]), "%s",
		    feature);
}

enum status
hello_send(struct wire *wire, const struct message_hello *hello,
    const char *rules, struct err *err)
{
	AUTO(message) struct message m = { 0 };

	message_init(&m, MESSAGE_HELLO);
	m.hello = malloc(sizeof(*m.hello));
	if (m.hello == NULL)
		return err_nomem(err);
	*m.hello = *hello;
	m.data_len = strlen(rules);
	return wire_send(wire, &m, rules, err);
}

enum status
hello_check_noise(struct wire *wire, struct err *err)
{
	char noise[256], show[STR_SHOW];

	wire_noise(wire, noise, sizeof(noise));
	noise[strcspn(noise, "\r\n")] = '\0';
	if (noise[0] == '\0')
		return ST_OK;
	return err_set(err, ST_PEER,
	    "the other side prints \"%s\" before dsync can speak: what the "
	    "shell runs there at its start (~/.bashrc or the like) must be "
	    "silent without a terminal",
	    str_show(show, noise));
}
