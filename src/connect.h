/* SPDX-License-Identifier: MIT */
#ifndef DSYNC_CONNECT_H
#define DSYNC_CONNECT_H

/*
 * The way to the server's side: a child for a folder of this machine, the SSH
 * helper, or what --rsh says; and what it has to say on standard error.
 */

#include <stdbool.h>
#include <stdint.h>

#include "util/err.h"

struct invocation;
struct link;
struct loop_opts;
struct output;
struct side;

struct connection {
	struct link *link;
	struct output *out;
	char host[256]; /* as shown before its lines */
	bool own; /* it is our SSH helper */
	bool well; /* the run ended well: nobody need wait for the link's end */
};

/* How long the other side has to say HELLO, ns. */
int64_t connect_patience(const struct invocation *inv, const struct side *side);

enum status connect_open(const struct invocation *inv, const struct side *side,
    struct output *out, struct connection *ret, struct err *err) MUST_CHECK;
void connect_fini(struct connection *con);

/* The descriptors go into the loop; con must outlive it. */
void connect_join(struct connection *con, struct loop_opts *loop);

/*
 * After a run that ended with st: if that was for want of a link, err is made
 * to say why, and that status is returned; else st.  spoke: the other side
 * had said something, so it had started, and it is the link that broke.
 */
enum status connect_why(struct connection *con, enum status st, bool spoke,
    struct err *err);

#endif
