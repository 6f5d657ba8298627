/* SPDX-License-Identifier: MIT */
/*
 * Starting a program: fork, exec.  The child gets a socket as its standard
 * input, another as its standard output, and nothing else of ours: with one
 * for both, whoever holds the input would keep the output from ending.  A third pipe, which
 * the exec closes, tells whether that came about.
 */
#include "config.h"

#include "net/link.h"

#include <sys/socket.h>
#include <sys/types.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "net/aside.h"
#include "util/str.h"

#define EXIT_NO_EXEC  126
#define PATIENCE_MS   1000 /* for what is still to be finished */
#define PATIENCE_TERM 400 /* and for going when told to */

struct link {
	char name[STR_SHOW]; /* of the host, or of the program */
	bool remote;
	int in, out;
	int aside; /* its standard error, or -1, */
	struct aside heard; /*  and what it says there */
	pid_t pid; /* -1: reaped */
	int status; /* as waitpid() left it */
};

/* The child's ends. */
struct ends {
	int in, out, aside;
	int report; /* an errno, if it can't become what it is to be */
};

/* Whoever started us without a standard input: fds may be 0, 1 or 2. */
static int
above_standard(int fd)
{
	return fd == -1 ? -1 : fcntl(fd, F_DUPFD_CLOEXEC, 3);
}

/* Between fork and exec: nothing that a second thread could hold locked. */
static void
become(const char *const argv[], const struct ends *ends)
{
	const int in = above_standard(ends->in);
	const int out = above_standard(ends->out);
	const int aside = above_standard(ends->aside);
	const int report = above_standard(ends->report);
	int errnum;

	if (report != -1 && dup2(in, 0) != -1 && dup2(out, 1) != -1 &&
	    (aside == -1 || dup2(aside, 2) != -1)) {
		signal(SIGPIPE, SIG_DFL);
		signal(SIGXFSZ, SIG_DFL);
		execvp(argv[0], (char *const *)(uintptr_t)argv);
	}
	errnum = errno;
	(void)!write(report, &errnum, sizeof(errnum));
	_exit(EXIT_NO_EXEC);
}

/*
 * The errno of a child that could not become what it was to be, or 0; so, too,
 * if a signal came meanwhile: who asked for an end is not to wait for a disk.
 */
static int
exec_failed(int report)
{
	int errnum = 0;

	return read(report, &errnum, sizeof(errnum)) ==
		(ssize_t)sizeof(errnum) ?
	    errnum :
	    0;
}

static void
ends_close(struct ends *ends)
{
	auto_close(&ends->in);
	auto_close(&ends->out);
	auto_close(&ends->aside);
	auto_close(&ends->report);
	*ends = (struct ends){ -1, -1, -1, -1 };
}

static bool
pair(int *ret_ours, int *ret_theirs)
{
	int fds[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) == -1)
		return false;
	*ret_ours = fds[0];
	*ret_theirs = fds[1];
	return true;
}

/* The other way of the same pair. */
static bool
again(int ours, int theirs, int *ret_ours, int *ret_theirs)
{
	*ret_ours = above_standard(ours);
	*ret_theirs = above_standard(theirs);
	return *ret_ours != -1 && *ret_theirs != -1;
}

/* Non-blocking is ours alone: the child's end is another description. */
static bool
pipe_from(int *ret_ours, int *ret_theirs, int flags)
{
	int fds[2];

	if (pipe2(fds, O_CLOEXEC) == -1)
		return false;
	*ret_ours = fds[0];
	*ret_theirs = fds[1];
	return fcntl(fds[0], F_SETFL, flags) != -1;
}

static enum status
start(struct link *link, const char *const argv[], bool one, struct ends *ends,
    struct err *err)
{
	autoclose int report = -1;
	char show[STR_SHOW];
	int errnum;

	if (!pair(&link->in, &ends->out) ||
	    !(one ? again(link->in, ends->out, &link->out, &ends->in) :
		    pair(&link->out, &ends->in)) ||
	    (link->remote &&
		!pipe_from(&link->aside, &ends->aside, O_NONBLOCK)) ||
	    !pipe_from(&report, &ends->report, 0))
		return err_sys(err, errno, "socketpair");
	link->pid = fork();
	if (link->pid == -1)
		return err_sys(err, errno, "fork");
	if (link->pid == 0)
		become(argv, ends);
	ends_close(ends);
	errnum = exec_failed(report);
	if (errnum == 0)
		return ST_OK;
	return err_set(err, ST_PEER, "%s: %s", str_show(show, argv[0]),
	    errnum == ENOENT ? "no such program" : strerror(errnum));
}

enum status
link_open(const struct link_opts *opts, struct link **ret, struct err *err)
{
	__attribute__((cleanup(ends_close))) struct ends ends = { -1, -1, -1,
		-1 };
	AUTO(link) struct link *link = calloc(1, sizeof(*link));
	enum status st;

	if (link == NULL)
		return err_nomem(err);
	link->in = link->out = link->aside = -1;
	link->pid = -1;
	link->remote = opts->host != NULL;
	link->heard.own = opts->own;
	str_show(link->name, link->remote ? opts->host : opts->argv[0]);
	st = start(link, opts->argv, opts->one, &ends, err);
	if (st != ST_OK)
		return st;
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

static void
close_ends(struct link *link)
{
	auto_close(&link->in);
	auto_close(&link->out);
	auto_close(&link->aside);
}

void
link_leave(struct link *link)
{
	if (link == NULL)
		return;
	close_ends(link);
	free(link);
}

void
link_free(struct link *link)
{
	if (link == NULL)
		return;
	close_ends(link);
	if (!reap(link, PATIENCE_MS))
		kill(link->pid, SIGTERM);
	if (!reap(link, PATIENCE_TERM))
		kill(link->pid, SIGKILL);
	reap(link, PATIENCE_MS);
	free(link);
}

int
link_in(const struct link *link)
{
	return link->in;
}

int
link_out(const struct link *link)
{
	return link->out;
}

int
link_aside(const struct link *link)
{
	return link->aside;
}

void
link_hear(struct link *link, void (*line)(void *ctx, const char *text),
    void *ctx)
{
	char data[4096];
	ssize_t n;

	if (link->aside == -1)
		return;
	n = read(link->aside, data, sizeof(data));
	if (n > 0)
		aside_take(&link->heard, data, (size_t)n, line, ctx);
	if (n > 0 || (n == -1 && (errno == EAGAIN || errno == EINTR)))
		return;
	aside_end(&link->heard, line, ctx);
	close(link->aside);
	link->aside = -1;
}

/* Until the child's end is closed; a grandchild may hold it open. */
static void
hear_rest(struct link *link, void (*line)(void *ctx, const char *text),
    void *ctx)
{
	struct pollfd p = { .events = POLLIN };

	while ((p.fd = link->aside) != -1 && poll(&p, 1, 200) > 0)
		link_hear(link, line, ctx);
}

enum status
link_why(struct link *link, void (*line)(void *ctx, const char *text),
    void *ctx, struct err *err)
{
	const bool gone = reap(link, PATIENCE_MS);

	hear_rest(link, line, ctx);
	if (!gone)
		return ST_OK;
	if (WIFSIGNALED(link->status))
		return err_set(err, ST_PEER, "the peer (%s) was killed: %s",
		    link->name, strsignal(WTERMSIG(link->status)));
	return WIFEXITED(link->status) && link->remote ?
	    aside_why(&link->heard, link->name, WEXITSTATUS(link->status),
		err) :
	    ST_OK;
}
