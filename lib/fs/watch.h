/* SPDX-License-Identifier: MIT */
#ifndef DSYNC_FS_WATCH_H
#define DSYNC_FS_WATCH_H

/*
 * Hears of what happens below a root, in all folders that a walk would enter
 * (scan.h).  What comes of it is a set of paths that somebody has to look at
 * (touched.h); what happened there is not said, for by the time one looks it
 * may be something else.
 *
 * Not all is heard of: writes through a mapping, or through a hard link from
 * outside; a file system that was mounted on a folder; other machines on a
 * network file system.  So a full look from time to time is still needed.
 *
 *	watch_new, watch_begin
 *	until the end:
 *		ppoll on watch_fd(), no longer than touched_waiting() allows,
 *		    and not at all while there is work left (watch_idle())
 *		watch_read, watch_step
 *		touched_take
 */

#include <stdbool.h>
#include <stddef.h>

#include "core/path.h"
#include "util/auto.h"
#include "util/err.h"

struct filter;
struct root;
struct touched;
struct watch;

/*
 * Watches nothing yet.  Root and filter must outlive it; the filter's rules
 * are those of the last walk, for nothing here reads .dsyncignore files.
 * ST_IO if the kernel gives us no inotify at all.
 */
enum status watch_new(struct root *root, const struct filter *filter,
    struct watch **ret, struct err *err) MUST_CHECK;
void watch_free(struct watch *w);
AUTO_DEFINE(watch);

int watch_fd(const struct watch *w); /* readable: watch_read() has to do */

/*
 * All folders are to be looked at anew, by watch_step(): at the start, and
 * when the rules have changed.  It may be called at any time.  What is watched
 * stays so; what is new is watched and touched (the first time: everything),
 * what the rules exclude now is watched no more.
 */
void watch_begin(struct watch *w);

/*
 * Takes what the kernel has to say; never blocks.  It may leave some of it for
 * the next call, and work for watch_step().  ST_FOLDER, from then on always:
 * the root was deleted, moved or unmounted, or its .dsync is gone.  What was
 * touched before is forgotten: NOTHING may be taken for deleted because of it.
 */
enum status watch_read(struct watch *w, struct err *err) MUST_CHECK;

/*
 * Watches folders and lists them, about `share` names and folders of it.  Not
 * while a walk is under way, which has half of the rules.
 */
enum status watch_step(struct watch *w, size_t share,
    struct err *err) MUST_CHECK;
bool watch_idle(const struct watch *w); /* no work is left for steps */

/* The paths to look at; the watch's. */
struct touched *watch_touched(struct watch *w);

size_t watch_count(const struct watch *w); /* folders that are watched */

/*
 * How many folders could not be watched, and so nothing that is below them:
 * the limit of watches was reached (*ret_errnum is ENOSPC), or that of
 * descriptors or memory; or it is mounted at two places (EEXIST).  If any,
 * path is one of them.  Those that may not be read don't count.
 */
size_t watch_gaps(const struct watch *w, char path[PATH_LIMIT],
    int *ret_errnum);

/*
 * They are touched, and tried again, by the next steps; for polling them.  As
 * other watches go away some are tried without being asked for, and all are by
 * watch_begin().
 */
void watch_try_gaps(struct watch *w);

#endif
