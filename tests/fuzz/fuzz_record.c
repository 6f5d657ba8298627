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

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct record_scratch scratch;
	struct record r;
	struct err err;

	while (size > 0) {
		const uint8_t *from = data;

		if (record_get(&data, &size, &scratch, &r, &err) != ST_OK) {
			FUZZ_CHECK(data == from && err.code == ST_PROTO);
			break;
		}
		check_record(&r, from, (size_t)(data - from));
	}
	return 0;
}
