/* SPDX-License-Identifier: MIT */
#ifndef DSYNC_CODEC_MESSAGE_H
#define DSYNC_CODEC_MESSAGE_H

/*
 * What two dsyncs say to each other.  A message is a JSON object with the
 * member "t" (its type), the members named below, "records" (how many bytes
 * at the start of the payload are records), "n" (how many records that is)
 * and "data" (length of the whole payload), the last three only if not zero.
 * Members that are not known are ignored; one that is missing, of the wrong
 * type or out of its range makes the message bad.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/fingerprint.h"
#include "util/err.h"

enum message_type {
	MESSAGE_HELLO, /* both: first of all; peer: ignore rules, as lines */
	MESSAGE_PRESETS, /* peer: what is offered, as lines */
	MESSAGE_CHANGES, /* client: scan and tell; peer: records, in parts */
	MESSAGE_FILE_UPDATE, /* both: records, then inline contents in order */
	MESSAGE_FILE_DATA, /* both: a part of a streamed file */
	MESSAGE_FILE_DELETE, /* client: records */
	MESSAGE_FILE_MOVE, /* client: records */
	MESSAGE_GET, /* client: records; answered by UPDATE or REFUSED */
	MESSAGE_ACK, /* peer: records, done and on the disk */
	MESSAGE_REFUSED, /* both: records, not done, with fault and entry */
	MESSAGE_DONE, /* client: nothing more to do; peer: the proof */
	MESSAGE_PING,
	MESSAGE_PONG,
	MESSAGE_ERROR, /* both: the session ends, and why */
	MESSAGE_BYE, /* client: the session ends well */
	MESSAGE__MAX,
};

#define MESSAGE_STRING_LIMIT 4096 /* bytes of any string, with its NUL */
#define MESSAGE_FEATURES     32 /* in one list */
#define MESSAGE_ID	     40 /* root ids, epochs, with NUL */
#define MESSAGE_SETTLE	     60000 /* ms, at most */
#define MESSAGE_OTHERS	     8 /* names in one list */
#define MESSAGE_NAME	     64 /* of one, with NUL */

struct message_features {
	size_t n;
	char name[MESSAGE_FEATURES][32]; /* [a-z0-9-]+ */
};

/* Who else stays with the peer, some of them. */
struct message_others {
	size_t n;
	char name[MESSAGE_OTHERS][MESSAGE_NAME]; /* lines */
};

struct message_hello {
	char version[32]; /* "version": of the program */
	struct message_features features; /* "features": known and offered */
	struct message_features require; /* "require": the other must know */
	char name[256]; /* "name": of this machine, UTF-8 */
	char root[MESSAGE_ID]; /* "root": id of the replica */
	int64_t clock; /* "clock": now, ns */
	int64_t granularity; /* "granularity": of mtimes, ns, >= 0 */
	char sandbox[32]; /* "sandbox": level, "" if none */
	/* client only */
	char preset[256]; /* "preset": its name, or "" */
	char epoch[MESSAGE_ID]; /* "epoch", "seq": the cursor; "" */
	uint64_t seq; /*  and 0 if there is none */
	bool dry_run; /* "dry_run": nothing is to be changed, nor written */
	bool read_all; /* "read_all": no stamp is to be trusted */
	uint64_t rate; /* "rate": bytes a second it may be sent; 0: any */
	uint32_t settle; /* "settle": ms; 0: not said */
	/* peer only */
	char access[16]; /* "access": read, edit, full */
	char conflict[16]; /* "conflict": newest, server, client, manual, "" */
	bool hidden; /* "hidden": names with a dot are synced */
	uint64_t max_size; /* "max_size": of a file */
};

struct message_cursor {
	char epoch[MESSAGE_ID]; /* "epoch" */
	uint64_t seq; /* "seq" */
};

struct message {
	enum message_type type;
	size_t records_len; /* "records" */
	uint64_t count; /* "n" */
	size_t data_len; /* "data"; records_len <= data_len */
	/* by type */
	struct message_hello *hello; /* HELLO; the message's own */
	struct message_cursor cursor; /* CHANGES, DONE; PONG with fp */
	bool full; /* CHANGES of the peer: "full", a whole listing follows */
	bool more; /* CHANGES of the peer: "more", another part follows */
	bool heard; /* CHANGES of the client: "heard", the peer need not look */
	bool news; /* CHANGES of the peer: nobody asked; and it has */
	uint64_t since; /*  "since": the number that they follow */
	uint32_t id; /* FILE_DATA: "id" of the record it belongs to */
	uint64_t offset; /* FILE_DATA: "offset" */
	bool last; /* FILE_DATA: "last", the contents end here */
	bool bad; /* FILE_DATA: "bad", the file changed while read */
	struct fingerprint fp; /* DONE: "fp" hex, "files" count; */
	bool has_fp; /*  of the peer's CHANGES (the last part), PONG: if any */
	bool proof; /* PING: "proof", PONG is to say what DONE would */
	bool equal; /* DONE of the peer: "equal" */
	uint64_t token; /* PING, PONG: "token" */
	struct message_others others; /* DONE, PONG of the peer: "others" */
	enum status code; /* ERROR: "code", the status without its sign */
	char text[600]; /* ERROR: "text", UTF-8 */
};

/* All zero but for the type; hello is the caller's to calloc(). */
void message_init(struct message *m, enum message_type type);
void message_fini(struct message *m); /* frees hello; accepts all-zero */

const char *message_type_name(enum message_type type);

/*
 * The JSON header of m, with a NUL; *ret is the caller's to free().  A string is cut before
 * its first control character or byte that is no UTF-8; a size or a number of
 * a sequence above INT64_MAX is sent as that.
 */
enum status message_encode(const struct message *m, char **ret,
    size_t *ret_len) MUST_CHECK;

/*
 * Reads a header.  On failure ST_PROTO (or ST_NOMEM) with a text, and *ret
 * is as message_fini() leaves it.
 */
enum status message_decode(const char *json, size_t len, struct message *ret,
    struct err *err) MUST_CHECK;

static inline void
auto_message(struct message *m)
{
	message_fini(m);
}

#endif
