/* SPDX-License-Identifier: MIT */
#ifndef DSYNC_OPTVALUE_H
#define DSYNC_OPTVALUE_H

/* The values of options: from text to what is meant, or ST_USAGE. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/reconcile.h"
#include "util/err.h"

struct guard_limit;

enum status optvalue_guard(const char *arg, struct guard_limit *ret,
    struct err *err) MUST_CHECK;
enum status optvalue_conflict(const char *arg, enum conflict_rule *ret,
    struct err *err) MUST_CHECK;

/* "500", "10k", "100M", "2GB", "1GiB": as rsync, K is 1024 and KB 1000. */
enum status optvalue_size(const char *arg, uint64_t *ret,
    struct err *err) MUST_CHECK;

/* The same a second; a number alone is one of KiB. */
enum status optvalue_rate(const char *arg, uint64_t *ret,
    struct err *err) MUST_CHECK;
enum status optvalue_seconds(const char *arg, int64_t *ret_ns,
    struct err *err) MUST_CHECK;

/* How long to wait for a connection: as above, 1 at least. */
enum status optvalue_patience(const char *arg, int64_t *ret_ns,
    struct err *err) MUST_CHECK;

/* Between looks at everything: seconds, 5 at least. */
enum status optvalue_interval(const char *arg, int64_t *ret_ns,
    struct err *err) MUST_CHECK;
/* How long changes are waited for: milliseconds, 1 to 60000. */
enum status optvalue_settle(const char *arg, int64_t *ret_ns,
    struct err *err) MUST_CHECK;
enum status optvalue_port(const char *arg, unsigned *ret,
    struct err *err) MUST_CHECK;

/*
 * True if a shell on another machine takes arg for one word and a command's
 * name: nothing but letters, digits and "_./+-", and no "-" in front.
 */
bool optvalue_remote_path(const char *arg);

/*
 * A moment in the past: "2026-11-01", "2026-11-01 12:00", with seconds, with
 * a T between, local time (UTC with a Z at the end); or how long ago: "90s",
 * "10m", "2h", "3d", "1w".
 */
enum status optvalue_time(const char *arg, int64_t now, int64_t *ret_ns,
    struct err *err) MUST_CHECK;

/* Lists of owned strings, NULL at the end. */
enum status optvalue_rule(char ***list, size_t *n, const char *prefix,
    const char *text, struct err *err) MUST_CHECK;
enum status optvalue_rules_from(char ***list, size_t *n, const char *file,
    struct err *err) MUST_CHECK;
void optvalue_list_reverse(char **list, size_t n);
void optvalue_list_free(char **list, size_t n);

#endif
