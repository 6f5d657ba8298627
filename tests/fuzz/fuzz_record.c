/* SPDX-License-Identifier: MIT */
/*
 * Bytes as a run of records.  There is one way only to write a record down,
 * so whatever can be read is, when put again, the bytes it was read from.
 */
#include "config.h"

#include <string.h>

#include "codec/record.h"
#include "core/path.h"
#include "fuzz.h"
#include "util/auto.h"

static void
check_record(const struct record *r, const uint8_t *from, size_t len)
{
	AUTO(buf) struct buf buf = { 0 };
	struct record back;
	struct entry e;

	FUZZ_CHECK(record_put(&buf, r) == ST_OK);
	FUZZ_CHECK(buf.len == len && memcmp(buf_data(&buf), from, len) == 0);
	if ((r->fields & RECORD_PATH) == 0)
		return;
	FUZZ_CHECK(path_fault(r->path, strlen(r->path)) == NULL);
	record_to_entry(r, &e);
	record_from_entry(&back, &e);
	FUZZ_CHECK(back.path == r->path && back.kind == r->kind);
}

/* What is left of the input as the contents behind the records. */
static void
check_inline(const struct record *r, size_t left)
{
	size_t len = SIZE_MAX;

	if (!record_inline(r, left, &len)) {
		FUZZ_CHECK(r->form == FORM_WHOLE || r->form == FORM_DELTA);
		return;
	}
	FUZZ_CHECK(len <= left);
	if (r->form == FORM_WHOLE)
		FUZZ_CHECK(len == r->size);
	else if (r->form == FORM_DELTA)
		FUZZ_CHECK(len == r->length);
	else
		FUZZ_CHECK(len == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct record_scratch scratch;
	struct record r;
	struct err err;

	while (size > 0) {
		const uint8_t *from = data;

		if (record_get(&data, &size, &scratch, &r, &err) != ST_OK) {
			FUZZ_CHECK(data == from);
			fuzz_error(&err, ST_PROTO);
			break;
		}
		check_record(&r, from, (size_t)(data - from));
		check_inline(&r, size);
	}
	return 0;
}
