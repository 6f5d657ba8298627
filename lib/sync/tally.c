/* SPDX-License-Identifier: MIT */
/* One table of names; the rest is adding up. */
#include "config.h"

#include "sync/tally.h"

#include <stddef.h>

static const struct {
	const char *name, *key;
	enum record_form form; /* 0: none that travels with a record */
} forms[TALLY__MAX] = {
	[TALLY_WHOLE] = { "whole", "whole", FORM_WHOLE },
	[TALLY_STREAM] = { "stream", "stream", FORM_STREAM },
	[TALLY_DELTA] = { "delta", "delta", FORM_DELTA },
	[TALLY_DELTA_STREAM] = { "delta stream", "delta_stream",
	    FORM_DELTA_STREAM },
	[TALLY_MOVED] = { "moved", "moved", 0 },
	[TALLY_META] = { "metadata", "metadata", FORM_META },
};

enum tally_form
tally_form_of(enum record_form form)
{
	enum tally_form i;

	for (i = 0; i < TALLY__MAX; i++)
		if (forms[i].form == form)
			return i;
	return TALLY_WHOLE;
}

const char *
tally_name(enum tally_form form)
{
	return forms[form].name;
}

const char *
tally_key(enum tally_form form)
{
	return forms[form].key;
}

void
tally_file(struct tally *tally, enum tally_form form, uint64_t size)
{
	if (tally == NULL)
		return;
	tally->row[form].files++;
	tally->row[form].size += size;
}

void
tally_bytes(struct tally *tally, enum tally_form form, uint64_t bytes)
{
	if (tally != NULL)
		tally->row[form].bytes += bytes;
}

uint64_t
tally_saved(const struct tally *tally)
{
	uint64_t size = 0, bytes = 0;
	enum tally_form i;

	for (i = 0; i < TALLY__MAX; i++) {
		size += tally->row[i].size;
		bytes += tally->row[i].bytes;
	}
	return bytes < size ? size - bytes : 0;
}
