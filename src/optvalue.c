/* SPDX-License-Identifier: MIT */
/* What stands behind the "=" of an option: checked here, all of it. */
#include "config.h"

#include "optvalue.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "core/guard.h"
#include "util/auto.h"
#include "util/env.h"
#include "util/str.h"

#define RULE_LINE_LIMIT 4096

/* A number in decimal digits and nothing else before *ret_rest. */
static bool
digits(const char *arg, uint64_t *ret, const char **ret_rest)
{
	uint64_t n = 0;
	const char *p;

	for (p = arg; *p >= '0' && *p <= '9'; p++) {
		if (n > (UINT64_MAX - 9) / 10)
			return false;
		n = n * 10 + (uint64_t)(*p - '0');
	}
	*ret = n;
	*ret_rest = p;
	return p > arg;
}

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

/* The factor a suffix stands for; 0: there is no such suffix. */
static uint64_t
size_unit(const char *suffix)
{
	static const char letters[] = "bkmgt";
	const char *at;
	uint64_t unit = 1, step = 1024;
	long i;

	if (*suffix == '\0')
		return 1;
	at = strchr(letters, *suffix | 0x20);
	if (at == NULL || *at == '\0')
		return 0;
	if (suffix[1] != '\0' && at == letters)
		return 0;
	if (strcasecmp(suffix + 1, "b") == 0)
		step = 1000;
	else if (suffix[1] != '\0' && strcasecmp(suffix + 1, "ib") != 0)
		return 0;
	for (i = at - letters; i > 0; i--)
		unit *= step;
	return unit;
}

enum status
optvalue_size(const char *arg, uint64_t *ret, struct err *err)
{
	const char *rest;
	uint64_t n, unit;

	if (!digits(arg, &n, &rest) || (unit = size_unit(rest)) == 0 ||
	    n == 0 || n > (uint64_t)INT64_MAX / unit)
		return err_set(err, ST_USAGE,
		    "--max-size: a size, as in 500k, 100M or 2G");
	*ret = n * unit;
	return ST_OK;
}

enum status
optvalue_seconds(const char *arg, int64_t *ret_ns, struct err *err)
{
	const char *rest;
	uint64_t n;

	if (!digits(arg, &n, &rest) || *rest != '\0' || n > 1000000000)
		return err_set(err, ST_USAGE, "--timeout: a number of seconds");
	*ret_ns = (int64_t)n * NSEC;
	return ST_OK;
}

enum status
optvalue_patience(const char *arg, int64_t *ret_ns, struct err *err)
{
	const char *rest;
	uint64_t n;

	if (!digits(arg, &n, &rest) || *rest != '\0' || n == 0 || n > 1000000)
		return err_set(err, ST_USAGE,
		    "--contimeout: a number of seconds, 1 at least");
	*ret_ns = (int64_t)n * NSEC;
	return ST_OK;
}

enum status
optvalue_port(const char *arg, unsigned *ret, struct err *err)
{
	const char *rest;
	uint64_t n;

	if (!digits(arg, &n, &rest) || *rest != '\0' || n == 0 || n > 65535)
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

static int64_t
ago_unit(const char *suffix)
{
	static const struct {
		char letter;
		int64_t seconds;
	} units[] = { { 's', 1 }, { 'm', 60 }, { 'h', 3600 }, { 'd', 86400 },
		{ 'w', 604800 } };
	size_t i;

	for (i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (suffix[0] == units[i].letter && suffix[1] == '\0')
			return units[i].seconds;
	}
	return 0;
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
	const char *rest;
	uint64_t n;
	int64_t unit;

	if (digits(arg, &n, &rest) && (unit = ago_unit(rest)) != 0 &&
	    n < (uint64_t)(INT64_MAX / NSEC / unit)) {
		*ret_ns = now - (int64_t)n * unit * NSEC;
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
