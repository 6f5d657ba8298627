/* SPDX-License-Identifier: MIT */
/*
 * Reading one file.  A hash is of a version only if the file did not change
 * while it was read and is still what its name leads to; a stamp is a claim
 * about later only if it is older than the clock that it came from can blur.
 */
#include "config.h"

#include <sys/stat.h>

#include <errno.h>
#include <stdlib.h>

#include "core/digest.h"
#include "core/text.h"
#include "fs/root.h"
#include "fs/scan.h"
#include "fs/sys.h"
#include "util/buf.h"
#include "util/env.h"
#include "util/str.h"

#define TRIES	   3
#define PIECE	   (512 * 1024)
#define HASH_PIECE (64 * 1024)
#define SLACK_FINE (20 * 1000 * 1000LL) /* two kernel ticks at HZ=100, ns */
#define SLACK_SECS (2 * NSEC)

struct reading {
	struct root *root;
	const char *path;
	uint64_t max_size;
	struct digest *digest;
	struct buf *sig; /* NULL: not wanted */
	struct entry entry;
	struct stamp stamp;
	bool steady; /* what was read is what is there */
	struct err *err;
};

static enum status
read_error(struct reading *r, int errnum)
{
	char show[STR_SHOW];

	return err_sys(r->err, errnum, "%s", str_show(show, r->path));
}

/* There is nothing (more) to hash: that is an answer, too. */
static enum status
answer(struct reading *r, enum entry_kind kind)
{
	r->entry = (struct entry){ .path = r->path, .kind = (uint8_t)kind };
	if (r->sig != NULL)
		buf_clear(r->sig);
	if (kind == ENTRY_EXCLUDED) {
		r->entry.size = r->stamp.size;
		r->entry.mtime = r->stamp.mtime;
	} else {
		r->stamp = (struct stamp){ 0 };
	}
	r->steady = true;
	return ST_OK;
}

static bool
too_large(const struct reading *r, uint64_t size)
{
	return r->max_size != 0 && size > r->max_size;
}

/*
 * To the end, or until it is known not to be synced.  The pieces take turns
 * in buf: one is looked at while the next one is read.
 */
static enum status
read_pieces(struct reading *r, int fd, uint8_t *buf, size_t piece,
    bool *ret_excluded)
{
	const bool turns = r->stamp.size >= piece;
	uint8_t *at = buf;
	ssize_t n;

	r->entry.size = 0;
	for (;;) {
		n = sys_read(root_env(r->root), fd, at, piece);
		if (n == -1)
			return read_error(r, errno);
		if (n == 0)
			return ST_OK;
		r->entry.size += (uint64_t)n;
		*ret_excluded = too_large(r, r->entry.size) ||
		    !text_check(at, (size_t)n);
		if (*ret_excluded)
			return ST_OK;
		if (digest_add(r->digest, at, (size_t)n) != ST_OK)
			return err_nomem(r->err);
		/* If it has grown meanwhile, check_steady() sees that. */
		if (r->entry.size == r->stamp.size)
			return ST_OK;
		if (turns)
			at = at == buf ? buf + piece : buf;
	}
}

static enum status
read_contents(struct reading *r, int fd, bool *ret_excluded)
{
	const bool large = r->stamp.size >= PIECE;
	const size_t piece = large ? PIECE : (size_t)r->stamp.size + 1;
	autofree uint8_t *buf = malloc(large ? 2 * piece : piece);
	enum status st;

	if (r->sig != NULL)
		buf_clear(r->sig);
	if (buf == NULL ||
	    digest_start(r->digest, r->stamp.size, r->sig) != ST_OK)
		return err_nomem(r->err);
	st = read_pieces(r, fd, buf, piece, ret_excluded);
	if (st == ST_OK && !*ret_excluded &&
	    digest_end(r->digest, &r->entry.hash) != ST_OK)
		st = err_nomem(r->err);
	/* What is in buf is looked at until then. */
	(void)!digest_wait(r->digest);
	return st;
}

/*
 * Is what was read still what the name led to?  A file that was replaced or
 * removed has lost a link, and one that was moved got a new ctime; so the name
 * need not be looked up again.
 */
static enum status
check_steady(struct reading *r, int fd)
{
	struct stamp open;
	struct stat st;

	if (sys_fstat(root_env(r->root), fd, &st) == -1)
		return read_error(r, errno);
	sys_stamp(&st, &open);
	r->steady = st.st_nlink > 0 && r->entry.size == r->stamp.size &&
	    stamp_equal(&open, &r->stamp);
	return ST_OK;
}

static enum status
read_once(struct reading *r)
{
	autoclose int fd = -1;
	bool excluded = false;
	struct stamp there;
	enum status st;

	st = root_open_file(r->root, r->path, &fd, &r->stamp, r->err);
	if (st == ST_NOENT)
		return answer(r, ENTRY_ABSENT);
	if (st == ST_IO && root_stat(r->root, r->path, &there, NULL) == ST_OK &&
	    !S_ISREG(there.mode))
		return answer(r, ENTRY_ABSENT);
	if (st != ST_OK)
		return st;
	if (too_large(r, r->stamp.size))
		return answer(r, ENTRY_EXCLUDED);
	r->entry = (struct entry){
		.path = r->path,
		.kind = ENTRY_TEXT,
		.mtime = r->stamp.mtime,
		.exec = (r->stamp.mode & S_IXUSR) != 0,
	};
	st = read_contents(r, fd, &excluded);
	if (st != ST_OK)
		return st;
	return excluded ? answer(r, ENTRY_EXCLUDED) : check_steady(r, fd);
}

enum status
scan_read(struct root *root, const char *path, uint64_t max_size,
    struct digest *digest, struct buf *sig, struct entry *ret,
    struct stamp *ret_stamp, struct err *err)
{
	struct reading r = {
		.root = root,
		.path = path,
		.max_size = max_size,
		.digest = digest,
		.sig = sig,
		.err = err,
	};
	char show[STR_SHOW];
	enum status st;
	int i;

	for (i = 0; i < TRIES && !r.steady; i++) {
		st = read_once(&r);
		if (st != ST_OK)
			return st;
	}
	if (!r.steady)
		return err_set(err, ST_CHANGED, "%s: changes while it is read",
		    str_show(show, path));
	*ret = r.entry;
	*ret_stamp = r.stamp;
	return ST_OK;
}

enum status
scan_hash_fd(struct root *root, int fd, struct hasher *hasher, struct hash *ret,
    uint64_t *ret_size, struct err *err)
{
	autofree char *buf = malloc(HASH_PIECE);
	enum status st = ST_OK;
	struct hash hash;
	uint64_t size = 0;
	ssize_t n = 1;

	if (buf == NULL || hasher_start(hasher) != ST_OK)
		return err_nomem(err);
	while (st == ST_OK && n > 0) {
		n = sys_pread(root_env(root), fd, buf, HASH_PIECE, (off_t)size);
		if (n == -1)
			return err_sys(err, errno, "reading a file to hash it");
		size += (uint64_t)n;
		st = hasher_add(hasher, buf, (size_t)n);
	}
	if (st != ST_OK || hasher_end(hasher, &hash) != ST_OK)
		return err_nomem(err);
	*ret = hash;
	*ret_size = size;
	return ST_OK;
}

bool
scan_settled(const struct stamp *stamp, int64_t now)
{
	const int64_t slack = stamp->mtime % NSEC == 0 ? SLACK_SECS :
							 SLACK_FINE;
	const int64_t latest = stamp->mtime > stamp->ctime ? stamp->mtime :
							     stamp->ctime;

	/* A time in the future says that one of the clocks is wrong. */
	return now > slack && latest < now - slack;
}
