/* SPDX-License-Identifier: MIT */
/* In the journal: a line of numbers, then the rules. */
#include "config.h"

#include "sync/terms.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "codec/message.h"
#include "store/db.h"
#include "sync/replica.h"
#include "util/auto.h"

#define KEY   "terms"
#define FIRST 64 /* bytes of the first line */

void
terms_fini(struct terms *terms)
{
	free(terms->rules);
	memset(terms, 0, sizeof(*terms));
}

static enum status
set(struct terms *terms, bool hidden, uint64_t max_size, const char *rules,
    size_t len, struct err *err)
{
	char *copy = strndup(rules, len);

	if (copy == NULL)
		return err_nomem(err);
	free(terms->rules);
	*terms = (struct terms){ .hidden = hidden,
		.max_size = max_size,
		.rules = copy };
	return ST_OK;
}

enum status
terms_hear(struct terms *terms, const struct message_hello *h,
    const uint8_t *data, size_t len, struct err *err)
{
	if (len > TERMS_LIMIT || (len > 0 && memchr(data, '\0', len) != NULL))
		return err_set(err, ST_PROTO, "HELLO: bad ignore rules");
	return set(terms, h->hidden, h->max_size,
	    len == 0 ? "" : (const char *)data, len, err);
}

char *
terms_format(const struct terms *terms)
{
	char *text;

	if (asprintf(&text, "%d %" PRIu64 "\n%s", terms->hidden,
		terms->max_size, terms->rules) == -1)
		return NULL;
	return text;
}

enum status
terms_parse(struct terms *terms, const char *text, struct err *err)
{
	uint64_t max_size;
	int hidden, used = 0;

	if (sscanf(text, "%d %" SCNu64 "%n", &hidden, &max_size, &used) != 2 ||
	    text[used] != '\n')
		return set(terms, true, 0, "", 0, err);
	return set(terms, hidden != 0, max_size, text + used + 1,
	    strlen(text + used + 1), err);
}

enum status
terms_load(struct terms *terms, struct db *db, struct err *err)
{
	autofree char *text = calloc(1, TERMS_LIMIT + FIRST);
	enum status st = ST_OK;

	if (text == NULL)
		return err_nomem(err);
	if (db != NULL)
		st = db_meta_get(db, KEY, text, TERMS_LIMIT + FIRST, err);
	return st == ST_OK ? terms_parse(terms, text, err) : st;
}

enum status
terms_save(const struct terms *terms, struct db *db, struct err *err)
{
	autofree char *text = terms_format(terms);

	return text == NULL ? err_nomem(err) : db_meta_set(db, KEY, text, err);
}

bool
terms_equal(const struct terms *a, const struct terms *b)
{
	return a->hidden == b->hidden && a->max_size == b->max_size &&
	    strcmp(a->rules, b->rules) == 0;
}

void
terms_apply(const struct terms *terms, struct replica_opts *opts)
{
	const uint64_t ours = opts->max_size != 0 ? opts->max_size :
						    REPLICA_MAX_SIZE;

	opts->hidden = opts->hidden && terms->hidden;
	if (terms->max_size != 0 && terms->max_size < ours)
		opts->max_size = terms->max_size;
	opts->policy = *terms->rules == '\0' ? NULL : terms->rules;
}

bool
terms_alike(const struct terms *a, const struct terms *b,
    const struct replica_opts *opts)
{
	struct replica_opts with_a = *opts, with_b = *opts;

	terms_apply(a, &with_a);
	terms_apply(b, &with_b);
	return with_a.hidden == with_b.hidden &&
	    with_a.max_size == with_b.max_size &&
	    strcmp(a->rules, b->rules) == 0;
}
