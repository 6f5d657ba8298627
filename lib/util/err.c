/* SPDX-License-Identifier: MIT */
/*
 * One error: a code for the program, one line of text for the person.
 * The text is fixed-size, so that reporting "out of memory" needs none.
 */
#include "config.h"

#include "util/err.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "util/str.h"

static void fill(struct err *err, enum status code, int sys, const char *fmt,
    va_list ap) PRINTF_LIKE(4, 0);

static void
fill(struct err *err, enum status code, int sys, const char *fmt, va_list ap)
{
	err->code = code;
	err->sys = sys;
	vsnprintf(err->text, sizeof(err->text), fmt, ap);
	str_trim_cut(err->text);
}

static enum status
code_of_errno(int errnum)
{
	switch (errnum) {
	case ENOMEM:
		return ST_NOMEM;
	case ENOSPC:
	case EDQUOT:
		return ST_NOSPC;
	case ENOENT:
	case ENOTDIR:
		return ST_NOENT;
	case EEXIST:
	case ENOTEMPTY:
		return ST_EXIST;
	default:
		return ST_IO;
	}
}

enum status
err_set(struct err *err, enum status code, const char *fmt, ...)
{
	va_list ap;

	if (err == NULL)
		return code;
	va_start(ap, fmt);
	fill(err, code, 0, fmt, ap);
	va_end(ap);
	return code;
}

enum status
err_sys(struct err *err, int errnum, const char *fmt, ...)
{
	enum status code = code_of_errno(errnum);
	size_t used;
	va_list ap;

	if (err == NULL)
		return code;
	va_start(ap, fmt);
	fill(err, code, errnum, fmt, ap);
	va_end(ap);
	used = strlen(err->text);
	snprintf(err->text + used, sizeof(err->text) - used, ": %s",
	    strerror(errnum));
	str_trim_cut(err->text);
	return code;
}

enum status
err_nomem(struct err *err)
{
	return err_set(err, ST_NOMEM, "out of memory");
}

const char *
err_name(enum status code)
{
	static const char *const names[] = { "ok", "out of memory", "i/o error",
		"no space", "not found", "exists", "changed meanwhile",
		"refused", "protocol error", "version mismatch", "damaged",
		"written by a newer version", "busy", "guard", "link lost",
		"timeout", "interrupted", "peer did not start", "usage",
		"folder", "not trusted", "no connection in time" };
	size_t i = (size_t) - (int)code;

	return i < sizeof(names) / sizeof(names[0]) ? names[i] : "error";
}
