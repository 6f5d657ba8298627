/* SPDX-License-Identifier: MIT */
/*
 * Each direction is one zstd frame as long as the level stays the same, so
 * that what was said before helps to compress what comes after.  Out of memory
 * leaves a stream half way through a burst: it can only be freed then.
 */
#include "config.h"

#include "codec/stream.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <zstd.h>
#include <zstd_errors.h>

/* What is asked of a buffer at once; zstd's own blocks are twice this. */
#define ROOM (64 * 1024)

struct stream_out {
	ZSTD_CCtx *z;
	size_t level, wanted; /* in levels */
	bool begun; /* a frame */
};

struct stream_in {
	ZSTD_DCtx *z;
	/*
	 * The last step filled its room, so more may wait inside.  Else there
	 * is nothing to ask for: zstd takes 16 calls in a row that move no
	 * byte for a fault of the caller.
	 */
	bool full;
	size_t begun; /* so much of the frame's magic number is taken */
};

/*
 * Of one to the next: text becomes 8 to 23 % smaller, and takes 1.4 to 2.4
 * times as long.  Level 3 remembers too little for its window: twice as many
 * places (256 Ki) make prose 0.3 to 3.5 % smaller, for a tenth more time.
 */
static const struct level {
	int level;
	int hash_log; /* 0: as zstd has it */
} levels[] = { { 1, 0 }, { 3, 18 }, { 6, 0 }, { 9, 0 } };

#define LEVELS	    (sizeof(levels) / sizeof(levels[0]))
#define LEVEL_FIRST 1

/* Of a frame of RFC 8878. */
static const uint8_t magic[] = { 0x28, 0xb5, 0x2f, 0xfd };

/* For settings that are constants of ours and known to be good. */
static void
must(size_t result)
{
	assert(!ZSTD_isError(result));
	(void)result;
}

static void
set_level(struct stream_out *s)
{
	const struct level *level = &levels[s->level];

	must(ZSTD_CCtx_setParameter(s->z, ZSTD_c_compressionLevel,
	    level->level));
	must(ZSTD_CCtx_setParameter(s->z, ZSTD_c_hashLog, level->hash_log));
}

enum status
stream_out_new(struct stream_out **ret)
{
	AUTO(stream_out) struct stream_out *s = calloc(1, sizeof(*s));

	if (s == NULL)
		return ST_NOMEM;
	s->z = ZSTD_createCCtx();
	if (s->z == NULL)
		return ST_NOMEM;
	s->level = s->wanted = LEVEL_FIRST;
	set_level(s);
	*ret = s;
	s = NULL;
	return ST_OK;
}

void
stream_out_free(struct stream_out *s)
{
	if (s == NULL)
		return;
	ZSTD_freeCCtx(s->z);
	free(s);
}

void
stream_out_press(struct stream_out *s, bool harder)
{
	if (harder && s->wanted + 1 < LEVELS)
		s->wanted++;
	if (!harder && s->wanted > 0)
		s->wanted--;
}

/*
 * One step; *ret_done when all of in is taken and, but to continue, all that
 * is inside has come out.
 */
static enum status
pack_some(struct stream_out *s, ZSTD_inBuffer *in, ZSTD_EndDirective how,
    struct buf *out, bool *ret_done)
{
	ZSTD_outBuffer o = { .dst = buf_room(out, ROOM), .size = ROOM };
	size_t left;

	if (o.dst == NULL)
		return ST_NOMEM;
	left = ZSTD_compressStream2(s->z, &o, in, how);
	if (ZSTD_isError(left))
		return ST_NOMEM; /* nothing else can be wrong */
	buf_added(out, o.pos);
	*ret_done = how == ZSTD_e_continue ? in->pos == in->size : left == 0;
	return ST_OK;
}

static enum status
pack_all(struct stream_out *s, const void *data, size_t len,
    ZSTD_EndDirective how, struct buf *out)
{
	ZSTD_inBuffer in = { .src = data, .size = len };
	enum status st = ST_OK;
	bool done = false;

	while (st == ST_OK && !done)
		st = pack_some(s, &in, how, out, &done);
	return st;
}

/* A level is for a whole frame. */
static enum status
change_level(struct stream_out *s, struct buf *out)
{
	enum status st = ST_OK;

	if (s->level == s->wanted)
		return ST_OK;
	if (s->begun)
		st = pack_all(s, NULL, 0, ZSTD_e_end, out);
	if (st != ST_OK)
		return st;
	s->begun = false;
	s->level = s->wanted;
	set_level(s);
	return ST_OK;
}

enum status
stream_pack(struct stream_out *s, const void *data, size_t len, bool flush,
    struct buf *out)
{
	enum status st = change_level(s, out);

	s->begun = true;
	return st == ST_OK ? pack_all(s, data, len,
				 flush ? ZSTD_e_flush : ZSTD_e_continue, out) :
			     st;
}

enum status
stream_in_new(struct stream_in **ret)
{
	AUTO(stream_in) struct stream_in *s = calloc(1, sizeof(*s));

	if (s == NULL)
		return ST_NOMEM;
	s->z = ZSTD_createDCtx();
	if (s->z == NULL)
		return ST_NOMEM;
	must(ZSTD_DCtx_setParameter(s->z, ZSTD_d_windowLogMax,
	    STREAM_WINDOW_LOG));
	*ret = s;
	s = NULL;
	return ST_OK;
}

void
stream_in_free(struct stream_in *s)
{
	if (s == NULL)
		return;
	ZSTD_freeDCtx(s->z);
	free(s);
}

/*
 * Where libzstd is built to read its formats of before 1.0, it does so for
 * whoever sends them; those decoders know no limit for the window.
 */
static bool
begins_well(const struct stream_in *s, const ZSTD_inBuffer *in)
{
	const size_t len = in->size - in->pos;
	const size_t left = sizeof(magic) - s->begun;

	return len == 0 || left == 0 ||
	    memcmp((const uint8_t *)in->src + in->pos, magic + s->begun,
		len < left ? len : left) == 0;
}

static void
note_begun(struct stream_in *s, size_t taken)
{
	const size_t left = sizeof(magic) - s->begun;

	s->begun += taken < left ? taken : left;
}

/* One step, of at most limit bytes; *added grows by what came out. */
static enum status
unpack_some(struct stream_in *s, ZSTD_inBuffer *in, size_t limit,
    struct buf *out, size_t *added)
{
	ZSTD_outBuffer o = { .size = limit < ROOM ? limit : ROOM };
	const size_t before = in->pos;
	size_t result;

	if (!begins_well(s, in))
		return ST_PROTO;
	o.dst = buf_room(out, o.size);
	if (o.dst == NULL)
		return ST_NOMEM;
	result = ZSTD_decompressStream(s->z, &o, in);
	if (ZSTD_getErrorCode(result) == ZSTD_error_memory_allocation)
		return ST_NOMEM;
	if (ZSTD_isError(result))
		return ST_PROTO;
	buf_added(out, o.pos);
	*added += o.pos;
	note_begun(s, in->pos - before);
	s->full = o.pos == o.size && result != 0;
	/* The frame has ended; the next one has a magic number again. */
	if (result == 0)
		s->begun = 0;
	return ST_OK;
}

enum status
stream_unpack(struct stream_in *s, const uint8_t **data, size_t *len,
    size_t limit, struct buf *out, size_t *ret_added, struct err *err)
{
	ZSTD_inBuffer in = { .src = *data, .size = *len };
	enum status st = ST_OK;
	size_t added = 0;

	while (st == ST_OK && added < limit && (in.pos < in.size || s->full))
		st = unpack_some(s, &in, limit - added, out, &added);
	if (st == ST_NOMEM)
		return err_nomem(err);
	if (st != ST_OK)
		return err_set(err, st, "bad stream: it is damaged");
	*data += in.pos;
	*len -= in.pos;
	*ret_added = added;
	return ST_OK;
}
