/* SPDX-License-Identifier: MIT */
/* Digits and a unit; anything else is no amount. */
#include "config.h"

#include "util/amount.h"

#include <stddef.h>
#include <string.h>
#include <strings.h>

#include "util/env.h"

bool
amount_digits(const char *text, uint64_t *ret, const char **ret_rest)
{
	uint64_t n = 0;
	const char *p;

	for (p = text; *p >= '0' && *p <= '9'; p++) {
		if (n > (UINT64_MAX - 9) / 10)
			return false;
		n = n * 10 + (uint64_t)(*p - '0');
	}
	*ret = n;
	*ret_rest = p;
	return p > text;
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

bool
amount_size(const char *text, uint64_t *ret)
{
	const char *rest;
	uint64_t n, unit;

	if (!amount_digits(text, &n, &rest) || (unit = size_unit(rest)) == 0 ||
	    n == 0 || n > (uint64_t)INT64_MAX / unit)
		return false;
	*ret = n * unit;
	return true;
}

bool
amount_rate(const char *text, uint64_t *ret)
{
	const char *rest;
	uint64_t n;

	if (!amount_digits(text, &n, &rest))
		return false;
	if (n == 0 && *rest == '\0') {
		*ret = 0;
		return true;
	}
	if (*rest != '\0') {
		if (!amount_size(text, &n) || n < 1024)
			return false;
	} else if (n > (uint64_t)INT64_MAX / 1024) {
		return false;
	} else {
		n *= 1024;
	}
	*ret = n;
	return true;
}

static int64_t
age_unit(const char *suffix)
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

bool
amount_age(const char *text, int64_t *ret_ns)
{
	const char *rest;
	uint64_t n;
	int64_t unit;

	if (!amount_digits(text, &n, &rest) || (unit = age_unit(rest)) == 0 ||
	    n >= (uint64_t)(INT64_MAX / NSEC / unit))
		return false;
	*ret_ns = (int64_t)n * unit * NSEC;
	return true;
}
