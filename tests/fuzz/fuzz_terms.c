/* SPDX-License-Identifier: MIT */
/*
 * Bytes as the ignore rules that come with a server's HELLO, and as what a
 * journal says of them.  What is heard is remembered as it was, and narrows
 * what a client syncs, whatever it says.
 */
#include "config.h"

#include "codec/message.h"
#include "core/filter.h"
#include "fuzz.h"
#include "sync/replica.h"
#include "sync/terms.h"
#include "util/auto.h"

#define AUTO_TERMS __attribute__((cleanup(terms_fini)))

static void
check_remembered(const struct terms *terms)
{
	AUTO_TERMS struct terms back = { 0 };
	autofree char *text = terms_format(terms);
	struct err err;

	FUZZ_CHECK(text != NULL);
	FUZZ_CHECK(terms_parse(&back, text, &err) == ST_OK);
	FUZZ_CHECK(terms_equal(terms, &back));
}

/* To a client that wants at most max_size, hidden names or not. */
static void
check_applied(const struct terms *terms, bool hidden, uint64_t max_size)
{
	struct replica_opts opts = { .hidden = hidden, .max_size = max_size };
	const uint64_t most = max_size == 0 ? REPLICA_MAX_SIZE : max_size;

	terms_apply(terms, &opts);
	FUZZ_CHECK(opts.hidden == (hidden && terms->hidden));
	FUZZ_CHECK(
	    (opts.max_size == 0 ? REPLICA_MAX_SIZE : opts.max_size) <= most);
	FUZZ_CHECK(opts.policy == NULL ?
		*terms->rules == '\0' :
		strcmp(opts.policy, terms->rules) == 0);
	FUZZ_CHECK(terms_alike(terms, terms, &opts));
}

/* What a client makes of them: a filter, or the end of the session. */
static void
check_rules(const struct terms *terms)
{
	AUTO(filter) struct filter *f = NULL;
	struct err err;

	FUZZ_CHECK(filter_new(terms->hidden, terms->max_size, &f) == ST_OK);
	if (filter_set_policy(f, terms->rules, strlen(terms->rules), &err) !=
	    ST_OK)
		fuzz_error(&err, ST_REFUSED);
}

static void
check_terms(const struct terms *terms, uint8_t how)
{
	check_remembered(terms);
	check_applied(terms, how % 2 != 0, how / 8);
	check_rules(terms);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO_TERMS struct terms heard = { 0 }, known = { 0 };
	const uint8_t how = fuzz_byte(&data, &size);
	struct message_hello h = { .hidden = how & 2,
		.max_size = UINT64_MAX >> (how & 63) };
	const bool nul = size > 0 && memchr(data, '\0', size) != NULL;
	autofree char *text = NULL;
	enum status st;
	struct err err;

	st = terms_hear(&heard, &h, data, size, &err);
	FUZZ_CHECK((st == ST_OK) == (!nul && size <= TERMS_LIMIT));
	if (st == ST_OK) {
		FUZZ_CHECK(strlen(heard.rules) == size);
		check_terms(&heard, how);
	} else {
		fuzz_error(&err, ST_PROTO);
	}
	text = fuzz_text(&data, &size);
	FUZZ_CHECK(terms_parse(&known, text, &err) == ST_OK);
	check_terms(&known, how);
	return 0;
}
