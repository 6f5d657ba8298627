/* SPDX-License-Identifier: MIT */
/* Its environment says what came in, its own output is the watcher's. */
#include "config.h"

#include "after.h"

#include <sys/wait.h>

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "logfile.h"

void
after_count(struct after *a, uint64_t fetched, uint64_t deleted, uint64_t moved)
{
	a->fetched += fetched;
	a->deleted += deleted;
	a->moved += moved;
}

static void
set_number(const char *name, uint64_t n)
{
	char text[24];

	snprintf(text, sizeof(text), "%" PRIu64, n);
	setenv(name, text, 1);
}

static void
be_command(const struct after *a)
{
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP, SIGPIPE,
		SIGXFSZ };
	size_t i;

	for (i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		signal(signals[i], SIG_DFL);
	setenv("DSYNC_FOLDER", a->folder, 1);
	set_number("DSYNC_FETCHED", a->fetched);
	set_number("DSYNC_DELETED", a->deleted);
	set_number("DSYNC_MOVED", a->moved);
	execl("/bin/sh", "sh", "-c", a->command, (char *)NULL);
	fprintf(stderr, "dsync: --exec-after: /bin/sh: %s\n", strerror(errno));
	_exit(127);
}

static void
reap(struct after *a, struct logfile *log)
{
	char text[64] = "";
	int status = 0;

	if (a->pid == 0 || waitpid(a->pid, &status, WNOHANG) == 0)
		return;
	a->pid = 0;
	if (WIFEXITED(status) && WEXITSTATUS(status) != 0)
		snprintf(text, sizeof(text), "it ended with %d",
		    WEXITSTATUS(status));
	else if (WIFSIGNALED(status))
		snprintf(text, sizeof(text), "it was ended by signal %d",
		    WTERMSIG(status));
	if (text[0] == '\0')
		return;
	fprintf(stderr, "dsync: --exec-after: %s\n", text);
	logfile_say(log, "dsync: --exec-after: %s\n", text);
}

void
after_step(struct after *a, struct logfile *log)
{
	reap(a, log);
	if (a->command == NULL || a->pid != 0 ||
	    a->fetched + a->deleted + a->moved == 0)
		return;
	fflush(NULL);
	a->pid = fork();
	if (a->pid == 0)
		be_command(a);
	/* No process: another try comes with what comes in next. */
	if (a->pid == -1)
		a->pid = 0;
	else
		a->fetched = a->deleted = a->moved = 0;
}

bool
after_runs(const struct after *a)
{
	return a->pid != 0;
}
