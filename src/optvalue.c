/* SPDX-License-Identifier: MIT */
/* What stands behind the "=" of an option: checked here, all of it. */
#include "config.h"

#include "optvalue.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/guard.h"
#include "util/amount.h"
#include "util/auto.h"
#include "util/env.h"
#include "util/str.h"

#define RULE_LINE_LIMIT 4096

enum status
optvalue_guard(const char *arg, struct guard_limit *ret, struct err *err)
{
	if (!guard_parse(arg, ret))
		return err_set(err, ST_USAGE,
		    "--max-delete: a number or a percentage, as in 50 or 30%%");
	return ST_OK;
}

enum status
optvalue_conflict(const char *arg, enum conflict_rule *ret, struct err *err)
{
	static const struct {
		const char *name;
		enum conflict_rule rule;
	} names[] = {
		{ "newest", CONFLICT_NEWEST },
		{ "server", CONFLICT_SERVER },
		{ "client", CONFLICT_CLIENT },
		{ "manual", CONFLICT_MANUAL },
	};
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strcmp(arg, names[i].name) == 0) {
			*ret = names[i].rule;
			return ST_OK;
		}
	}
	return err_set(err, ST_USAGE,
	    "--conflict: one of newest, server, client, manual");
}

enum status
optvalue_size(const char *arg, uint64_t *ret, struct err *err)
{
	return amount_size(arg, ret) ?
	    ST_OK :
	    err_set(err, ST_USAGE,
		"--max-size: a size, as in 500k, 100M or 2G");
}

enum status
optvalue_rate(const char *arg, uint64_t *ret, struct err *err)
{
	return amount_rate(arg, ret) ?
	    ST_OK :
	    err_set(err, ST_USAGE,
		"--bwlimit: a rate, as in 500K or 2M, 1K at least; 0 for none");
}

/* A number and nothing else; false if it is none, or out of range. */
static bool
take_number(const char *arg, uint64_t least, uint64_t most, uint64_t *ret)
{
	const char *rest;

	return amount_digits(arg, ret, &rest) && *rest == '\0' &&
	    *ret >= least && *ret <= most;
}

enum status
optvalue_seconds(const char *arg, int64_t *ret_ns, struct err *err)
{
	uint64_t n;

	if (!take_number(arg, 0, 1000000000, &n))
		return err_set(err, ST_USAGE, "--timeout: a number of seconds");
	*ret_ns = (int64_t)n * NSEC;
	return ST_OK;
}

enum status
optvalue_patience(const char *arg, int64_t *ret_ns, struct err *err)
{
	uint64_t n;

	if (!take_number(arg, 1, 1000000, &n))
		return err_set(err, ST_USAGE,
		    "--contimeout: a number of seconds, 1 at least");
	*ret_ns = (int64_t)n * NSEC;
	return ST_OK;
}

enum status
optvalue_interval(const char *arg, int64_t *ret_ns, struct err *err)
{
	uint64_t n;

	if (!take_number(arg, 5, 1000000, &n))
		return err_set(err, ST_USAGE,
		    "--interval: a number of seconds, 5 at least (what happens "
		    "is seen at once; this is for what is not)");
	*ret_ns = (int64_t)n * NSEC;
	return ST_OK;
}

enum status
optvalue_settle(const char *arg, int64_t *ret_ns, struct err *err)
{
	uint64_t n;

	if (!take_number(arg, 1, 60000, &n))
		return err_set(err, ST_USAGE,
		    "--settle: a number of milliseconds, 1 to 60000");
	*ret_ns = (int64_t)n * (NSEC / 1000);
	return ST_OK;
}

enum status
optvalue_port(const char *arg, unsigned *ret, struct err *err)
{
	uint64_t n;

	if (!take_number(arg, 1, 65535, &n))
		return err_set(err, ST_USAGE,
		    "--port: a number from 1 to 65535");
	*ret = (unsigned)n;
	return ST_OK;
}

bool
optvalue_remote_path(const char *arg)
{
	static const char safe[] = "abcdefghijklmnopqrstuvwxyz"
				   "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				   "0123456789_./+-";

	return *arg != '\0' && *arg != '-' && arg[strspn(arg, safe)] == '\0';
}

static bool
parse_date(const char *arg, int64_t *ret_ns)
{
	static const char *const forms[] = { "%Y-%m-%d", "%Y-%m-%d %H:%M",
		"%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S" };
	const char *rest;
	time_t t;
	size_t i;

	for (i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		struct tm tm = { .tm_isdst = -1 };

		rest = strptime(arg, forms[i], &tm);
		if (rest == NULL || (*rest != '\0' && strcmp(rest, "Z") != 0))
			continue;
		t = *rest == 'Z' ? timegm(&tm) : mktime(&tm);
		if (t < 0 || t > INT64_MAX / NSEC)
			return false;
		*ret_ns = (int64_t)t * NSEC;
		return true;
	}
	return false;
}

enum status
optvalue_time(const char *arg, int64_t now, int64_t *ret_ns, struct err *err)
{
	int64_t age;

	if (amount_age(arg, &age)) {
		*ret_ns = now - age;
		return ST_OK;
	}
	if (parse_date(arg, ret_ns))
		return ST_OK;
	return err_set(err, ST_USAGE,
	    "--at: a time, as in \"2026-11-01 12:00\", or how long ago: "
	    "10m, 2h, 3d");
}

enum status
optvalue_rule(char ***list, size_t *n, const char *prefix, const char *text,
    struct err *err)
{
	char **grown = reallocarray(*list, *n + 2, sizeof(**list));

	if (grown == NULL)
		return err_nomem(err);
	*list = grown;
	if (asprintf(&grown[*n], "%s%s", prefix, text) == -1)
		return err_nomem(err);
	grown[++*n] = NULL;
	return ST_OK;
}

static void
auto_file(FILE **f)
{
	if (*f != NULL && *f != stdin)
		fclose(*f);
}

enum status
optvalue_rules_from(char ***list, size_t *n, const char *file, struct err *err)
{
	__attribute__((cleanup(auto_file))) FILE *f = NULL;
	char line[RULE_LINE_LIMIT], shown[STR_SHOW];
	enum status st = ST_OK;
	size_t len;

	f = strcmp(file, "-") == 0 ? stdin : fopen(file, "re");
	if (f == NULL)
		return err_sys(err, errno, "--exclude-from %s",
		    str_show(shown, file));
	while (st == ST_OK && fgets(line, sizeof(line), f) != NULL) {
		len = strlen(line);
		if (len + 1 == sizeof(line))
			return err_set(err, ST_USAGE,
			    "--exclude-from %s: a line is too long",
			    str_show(shown, file));
		line[strcspn(line, "\r\n")] = '\0';
		if (*line != '\0' && *line != '#')
			st = optvalue_rule(list, n, "", line, err);
	}
	if (st == ST_OK && ferror(f))
		return err_sys(err, errno, "--exclude-from %s",
		    str_show(shown, file));
	return st;
}

void
optvalue_list_reverse(char **list, size_t n)
{
	size_t i;

	for (i = 0; i < n / 2; i++) {
		char *other = list[n - 1 - i];

		list[n - 1 - i] = list[i];
		list[i] = other;
	}
}

void
optvalue_list_free(char **list, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		free(list[i]);
	free(list);
}
