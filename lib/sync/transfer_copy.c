/* SPDX-License-Identifier: MIT */
/*
 * What the server has anew, and is here under another name: a delta that is
 * one copy, said by this side to itself.
 */
#include "config.h"

#include "codec/delta.h"
#include "codec/frame.h"
#include "core/plan.h"
#include "sync/apply.h"
#include "sync/bases.h"
#include "sync/transfer_state.h"
#include "util/buf.h"

static enum status
copy_large(struct transfer *t, const struct apply_op *op,
    const struct base *base, const struct buf *delta, struct err *err)
{
	enum status st = apply_stream_begin(t->apply, op, base, 0, NULL, err);

	if (st == ST_OK)
		st = apply_stream_part(t->apply, op->id, 0, buf_data(delta),
		    delta->len, err);
	return st == ST_OK ? apply_stream_end(t->apply, op->id, false, err) :
			     st;
}

enum status
transfer_copy(struct transfer *t, size_t i, bool *ret_made, struct err *err)
{
	const struct action *a = transfer_action_of(t, i);
	const struct base *from = bases_of(t->bases, i);
	const bool large = a->remote.size > FRAME_DATA_LIMIT;
	AUTO(buf) struct buf delta = { 0 };
	struct delta_writer w = { 0 };
	struct apply_op op;

	if (from == NULL || (large && !apply_has_stream(t->apply)))
		return ST_OK;
	*ret_made = true;
	t->copied += a->remote.size;
	tally_file(&t->opts.summary->forms_fetched,
	    large ? TALLY_DELTA_STREAM : TALLY_DELTA, a->remote.size);
	/* Nothing was asked: there can be no answer. */
	t->state[i] = TRANSFER_COMING;
	transfer_local_op(a, i, &op);
	op.kind = APPLY_PUT;
	if (delta_put_copy(&w, 0, a->remote.size, &delta) != ST_OK)
		return err_nomem(err);
	return large ? copy_large(t, &op, from, &delta, err) :
		       apply_put_delta(t->apply, &op, from, buf_data(&delta),
			   delta.len, err);
}
