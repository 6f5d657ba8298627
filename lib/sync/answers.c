/* SPDX-License-Identifier: MIT */
/* Answers as records in two messages: see answers.h. */
#include "config.h"

#include "sync/answers.h"

#include "codec/message.h"
#include "codec/record.h"
#include "sync/wire.h"

#define ANSWERS_MUCH (256u * 1024)

void
answers_fini(struct answers *a)
{
	buf_fini(&a->acks);
	buf_fini(&a->refusals);
}

static enum status
send_records(struct answers *a, enum message_type type, struct buf *records,
    uint64_t *n, struct err *err)
{
	struct message m;
	enum status st;

	if (*n == 0)
		return ST_OK;
	message_init(&m, type);
	m.count = *n;
	m.records_len = records->len;
	m.data_len = records->len;
	st = wire_send(a->wire, &m, buf_data(records), err);
	buf_clear(records);
	*n = 0;
	return st;
}

enum status
answers_send(struct answers *a, struct err *err)
{
	enum status st;

	st = send_records(a, MESSAGE_ACK, &a->acks, &a->n_acks, err);
	return st == ST_OK ? send_records(a, MESSAGE_REFUSED, &a->refusals,
				 &a->n_refusals, err) :
			     st;
}

enum status
answers_ack(struct answers *a, uint32_t id, uint64_t seq, struct err *err)
{
	struct record rec = { .fields = RECORD_ID | RECORD_SEQ,
		.id = id,
		.seq = seq };

	if (record_put(&a->acks, &rec) != ST_OK)
		return err_nomem(err);
	a->n_acks++;
	return a->acks.len < ANSWERS_MUCH ? ST_OK : answers_send(a, err);
}

enum status
answers_refuse(struct answers *a, uint32_t id, const struct err *why,
    const struct entry *now, struct err *err)
{
	struct record rec = { 0 };

	if (now != NULL) {
		record_from_entry(&rec, now);
		rec.fields &= ~(unsigned)RECORD_PATH;
	}
	rec.fields |= RECORD_ID | RECORD_FAULT;
	rec.id = id;
	rec.fault = why->code;
	rec.text = why->text;
	if (record_put(&a->refusals, &rec) != ST_OK)
		return err_nomem(err);
	a->n_refusals++;
	return a->refusals.len < ANSWERS_MUCH ? ST_OK : answers_send(a, err);
}
