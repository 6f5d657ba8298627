/* SPDX-License-Identifier: MIT */
/*
 * A handler that writes the signal's number to a pipe.  It is taken off by the
 * first signal (SA_RESETHAND), so the second one finds the default: the end.
 */
#include "config.h"

#include "signals.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <unistd.h>

/* What a handler can reach; the pipe is this process's and no child's. */
static volatile sig_atomic_t stop_pipe = -1;
static volatile sig_atomic_t owner = -1;

static void
on_signal(int number)
{
	const int saved = errno;
	const char name = (char)number;
	ssize_t n;

	/* A child that was just made: there is nothing of it to end well. */
	if (getpid() != owner)
		_exit(128 + number);
	n = write(stop_pipe, &name, 1);
	(void)n;
	errno = saved;
}

/* nohup, or a job in the background: then so be it. */
static void
catch_one(int number, int flags)
{
	struct sigaction action = { .sa_flags = flags }, before;

	action.sa_handler = on_signal;
	sigemptyset(&action.sa_mask);
	if (sigaction(number, NULL, &before) == 0 &&
	    before.sa_handler != SIG_IGN)
		sigaction(number, &action, NULL);
}

static enum status
catch_all(const int *numbers, size_t n, int *ret_fd, struct err *err)
{
	int fds[2];
	size_t i;

	if (pipe2(fds, O_CLOEXEC | O_NONBLOCK) == -1)
		return err_sys(err, errno, "pipe");
	stop_pipe = fds[1];
	owner = getpid();
	for (i = 0; i < n; i++)
		catch_one(numbers[i], (int)SA_RESETHAND);
	signal(SIGPIPE, SIG_IGN);
	*ret_fd = fds[0];
	return ST_OK;
}

enum status
signals_catch(int *ret_fd, struct err *err)
{
	static const int numbers[] = { SIGINT, SIGTERM, SIGHUP,
		SIGNALS_QUIETLY };

	return catch_all(numbers, 4, ret_fd, err);
}

enum status
signals_catch_peer(int *ret_fd, struct err *err)
{
	static const int numbers[] = { SIGTERM };

	signal(SIGINT, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	return catch_all(numbers, 1, ret_fd, err);
}

enum status
signals_catch_watch(int *ret_fd, struct err *err)
{
	enum status st = signals_catch(ret_fd, err);

	if (st == ST_OK && isatty(STDIN_FILENO) != 1 &&
	    isatty(STDOUT_FILENO) != 1 && isatty(STDERR_FILENO) != 1)
		catch_one(SIGHUP, 0);
	return st;
}

int
signals_next(int fd)
{
	char number;

	return read(fd, &number, 1) == 1 ? number : 0;
}
