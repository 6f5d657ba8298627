/* SPDX-License-Identifier: MIT */
#ifndef DSYNC_TESTS_MODEL_MODEL_H
#define DSYNC_TESTS_MODEL_MODEL_H

/*
 * The simulated world: one server folder, some client folders, users who edit
 * them, processes that sync them and may be killed, and the clock.  All comes
 * from one seed.  The folders are real; time and chance are not.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "core/reconcile.h"
#include "util/buf.h"
#include "util/env.h"
#include "util/hash.h"

#define CLIENTS	   3
#define SIDES	   (CLIENTS + 1)
#define SERVER	   0 /* the side of that number */
#define MODEL_PATH 96 /* bytes of a path inside a side, with its NUL */
#define MODEL_FULL (MODEL_PATH + 96) /* of one with the folder's */
#define NO_CONTENT (-1)
#define LIVE_SEEDS 1000000 /* from here on sessions may stay */
#define TWO_SEEDS  2000000 /* and from here on there are two servers */

/* Every contents that a user saves is new and says who it is. */
enum content_kind {
	CONTENT_TEXT,
	CONTENT_BINARY,
	CONTENT_RULES, /* of a .dsyncignore */
};

struct content {
	uint8_t *data;
	size_t size;
	struct hash hash;
	bool must; /* it has to be somewhere: no user did away with the last */
};

struct node {
	char path[MODEL_PATH];
	bool regular;
	int content; /* NO_CONTENT: none that a user saved */
	bool exec;
	int64_t mtime, ctime;
	uint64_t ino;
};

struct tree {
	struct node *v; /* in path order */
	size_t n, cap;
};

/* When a user had his hand on a file, by his machine's clock. */
struct touch {
	uint64_t ino;
	int64_t mtime, ctime;
};

struct side {
	char path[64];
	int64_t skew; /* of its clock */
	struct tree known; /* what its user, and dsync as far as looked, did */
	bool *stored; /* by contents: the store has it */
	size_t n_stored; /* 0: has to be looked up */
	struct touch *touched;
	size_t n_touched;
};

/* (path, contents) that was somewhere, or a path that a user did away with. */
struct fact {
	char path[MODEL_PATH];
	int content;
	uint64_t step;
};

struct facts {
	struct fact *v;
	size_t n, cap;
};

struct session;
struct stat;

struct world {
	uint64_t seed;
	uint64_t random;
	bool notes; /* longer texts, often made from others */
	bool live; /* some sessions stay */
	int64_t now;
	char folder[48];
	bool two; /* servers: the last side is one, too */
	size_t n_sides;
	struct side side[SIDES];
	struct session *session[CLIENTS]; /* of client i + 1; NULL: none */
	enum access access;
	struct content *contents;
	size_t n_contents, cap_contents;
	struct facts seen;
	struct facts removed;
	struct facts clashed; /* content unused */
	uint64_t step;
	bool exact; /* a run was told to make its target equal */
	bool broken; /* a run did not end well */
	bool faulty; /* a call failed */
	struct buf text; /* the trace */
	uint64_t trace; /* its hash */
	bool verbose;
	bool failed;
	char failure[512];
};

/* world.c */
struct world *world_new(uint64_t seed, const char *temp, bool verbose);
void world_free(struct world *w);
void trace(struct world *w, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
void fail(struct world *w, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
uint64_t draw(struct world *w); /* a random number */
size_t draw_below(struct world *w, size_t n);
bool chance(struct world *w, unsigned percent);
size_t n_clients(const struct world *w); /* sides 1, 2, ... */
bool is_server(const struct world *w, size_t side);
int64_t side_now(const struct world *w, size_t side);
char *show(const char *path, char buf[MODEL_FULL]);
char *full_path(const struct world *w, size_t side, const char *path,
    char buf[MODEL_FULL]);
bool path_is_below(const char *path, const char *folder);

/* content.c */
int content_new(struct world *w, enum content_kind kind, size_t size);
int content_at(struct world *w, const char *full, bool whole);
void contents_free(struct world *w);

/* tree.c */
void tree_scan(struct world *w, size_t side, bool whole, struct tree *ret);
void tree_free(struct tree *tree);
struct node *tree_find(const struct tree *tree, const char *path);
struct node *tree_put(struct tree *tree, const char *path);
void tree_drop(struct tree *tree, const char *path);
bool node_fill(struct world *w, size_t side, const char *path, bool whole,
    struct node *ret);
void fact_add(struct facts *facts, const char *path, int content,
    uint64_t step);
const struct fact *fact_find(const struct facts *facts, const char *path,
    int content);
bool remove_all(const char *full);

/* edits.c, users.c */
void user_save(struct world *w, size_t side, const char *path, int content);
void user_remove(struct world *w, size_t side, const char *path);
void user_rename(struct world *w, size_t side, const char *from,
    const char *to);
void user_link(struct world *w, size_t side, const char *path);
void user_chmod(struct world *w, size_t side, const char *path);
int64_t side_ctime(const struct world *w, size_t side, const struct stat *st);
void edit(struct world *w, size_t side);
void edit_meanwhile(struct world *w, size_t side); /* inside a call */
void lose_journal(struct world *w, size_t side);

/* check.c: at any time */
void check_whole(struct world *w);
void check_kept(struct world *w, bool at_rest);
void check_calm(struct world *w, size_t side); /* no process is there */
bool somewhere(struct world *w, int content, bool stages);
/* Some process works with it at the moment, or was killed when it did. */
bool stage_has(struct world *w, size_t side, int content);

/* rest.c: once nobody edits any more */
void come_to_rest(struct world *w);
void check_residue(struct world *w); /* nothing half done is left */

/* sweep.c */
/* Up to `most` failures. */
int sweep(const char *what, const char *temp, unsigned stride, unsigned most);

/* simulate.c */
uint64_t simulate(uint64_t seed, const char *temp, bool verbose, bool *ret_ok);

#endif
