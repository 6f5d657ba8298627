/* SPDX-License-Identifier: MIT */
/*
 * Whole lines, each by one write to a descriptor that appends: what several
 * processes say is never mixed within a line.
 */
#include "config.h"

#include "logfile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

#include "fs/sys.h"
#include "history.h"
#include "util/env.h"
#include "util/str.h"

struct logfile {
	struct env *env;
	int fd;
	FILE *said; /* into text */
	char *text;
	size_t len;
};

enum status
logfile_open(struct env *env, const char *path, struct logfile **ret,
    struct err *err)
{
	AUTO(logfile) struct logfile *log = NULL;
	char shown[STR_SHOW];

	*ret = NULL;
	if (path == NULL)
		return ST_OK;
	log = calloc(1, sizeof(*log));
	if (log == NULL)
		return err_nomem(err);
	log->env = env;
	log->fd = sys_open_config(env, path, O_WRONLY | O_APPEND | O_CREAT);
	if (log->fd == -1)
		return err_sys(err, errno, "--log-file: %s",
		    str_show(shown, path));
	*ret = log;
	log = NULL;
	return ST_OK;
}

void
logfile_free(struct logfile *log)
{
	if (log == NULL)
		return;
	if (log->said != NULL)
		logfile_end(log);
	if (log->fd != -1)
		close(log->fd);
	free(log);
}

FILE *
logfile_begin(struct logfile *log)
{
	if (log == NULL)
		return NULL;
	log->said = open_memstream(&log->text, &log->len);
	return log->said;
}

/* A log that can't be written to is no reason to end a run. */
static void
write_line(struct logfile *log, const char *text, size_t len)
{
	char when[HISTORY_TIME];
	autofree char *line = NULL;
	const int n = asprintf(&line, "%s [%ld] %.*s\n",
	    history_time(when, env_now(log->env)), (long)getpid(), (int)len,
	    text);

	if (n > 0)
		(void)!write(log->fd, line, (size_t)n);
}

void
logfile_end(struct logfile *log)
{
	const char *line, *end;

	if (log == NULL || log->said == NULL)
		return;
	fclose(log->said);
	log->said = NULL;
	for (line = log->text; line != NULL && *line != '\0'; line = end) {
		end = strchrnul(line, '\n');
		write_line(log, line, (size_t)(end - line));
		end += *end == '\n';
	}
	free(log->text);
	log->text = NULL;
}

void
logfile_say(struct logfile *log, const char *fmt, ...)
{
	FILE *f = logfile_begin(log);
	va_list ap;

	if (f == NULL)
		return;
	va_start(ap, fmt);
	vfprintf(f, fmt, ap);
	va_end(ap);
	logfile_end(log);
}
