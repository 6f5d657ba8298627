/* SPDX-License-Identifier: MIT */
/*
 * Starting a peer: a socketpair, fork, exec.  The child gets one end as its
 * standard input and output and nothing else of ours.
 */
#include "config.h"

#include "net/link.h"

#include <sys/socket.h>
#include <sys/types.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "util/str.h"

#define EXIT_NO_EXEC   126
#define EXIT_NOT_FOUND 127
#define PATIENCE_MS    2000

struct link {
	char name[STR_SHOW];
	int fd;
	pid_t pid; /* -1: reaped */
	int status; /* as waitpid() left it */
};

/* Between fork and exec: nothing that a second thread could hold locked. */
static void
become(const char *const argv[], int fd)
{
	/* Whoever started us without a standard input: fd may be 0 or 1. */
	if (fd <= 1)
		fd = fcntl(fd, F_DUPFD, 3);
	if (fd == -1 || dup2(fd, 0) == -1 || dup2(fd, 1) == -1)
		_exit(EXIT_NO_EXEC);
	signal(SIGPIPE, SIG_DFL);
	execvp(argv[0], (char *const *)(uintptr_t)argv);
	_exit(errno == ENOENT ? EXIT_NOT_FOUND : EXIT_NO_EXEC);
}

enum status
link_open(const char *const argv[], struct link **ret, struct err *err)
{
	AUTO(link) struct link *link = calloc(1, sizeof(*link));
	autoclose int theirs = -1;
	int pair[2];

	if (link == NULL)
		return err_nomem(err);
	link->fd = -1;
	link->pid = -1;
	str_show(link->name, argv[0]);
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) == -1)
		return err_sys(err, errno, "socketpair");
	link->fd = pair[0];
	theirs = pair[1];
	link->pid = fork();
	if (link->pid == -1)
		return err_sys(err, errno, "fork");
	if (link->pid == 0)
		become(argv, theirs);
	*ret = link;
	link = NULL;
	return ST_OK;
}

/* Waits for the child for at most ms; true if it is gone. */
static bool
reap(struct link *link, int ms)
{
	const struct timespec nap = { .tv_nsec = 2 * 1000 * 1000 };
	pid_t got;

	while (link->pid != -1) {
		got = waitpid(link->pid, &link->status, WNOHANG);
		if (got == link->pid || (got == -1 && errno != EINTR))
			link->pid = -1;
		else if (ms <= 0)
			return false;
		else
			nanosleep(&nap, NULL);
		ms -= 2;
	}
	return true;
}

void
link_free(struct link *link)
{
	if (link == NULL)
		return;
	if (link->fd != -1)
		close(link->fd);
	if (!reap(link, PATIENCE_MS)) {
		kill(link->pid, SIGKILL);
		reap(link, PATIENCE_MS);
	}
	free(link);
}

int
link_in(const struct link *link)
{
	return link->fd;
}

int
link_out(const struct link *link)
{
	return link->fd;
}

enum status
link_why(struct link *link, struct err *err)
{
	if (!reap(link, PATIENCE_MS))
		return ST_OK;
	if (WIFSIGNALED(link->status))
		return err_set(err, ST_PEER, "the peer (%s) was killed: %s",
		    link->name, strsignal(WTERMSIG(link->status)));
	if (!WIFEXITED(link->status))
		return ST_OK;
	if (WEXITSTATUS(link->status) == EXIT_NOT_FOUND)
		return err_set(err, ST_PEER,
		    "%s: not found; is dsync installed there?", link->name);
	if (WEXITSTATUS(link->status) == EXIT_NO_EXEC)
		return err_set(err, ST_PEER, "%s: can't be started",
		    link->name);
	return ST_OK;
}
