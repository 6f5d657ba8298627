/* SPDX-License-Identifier: MIT */
/*
 * A handler that writes one byte to a pipe.  It is taken off by the first
 * signal (SA_RESETHAND), so the second one finds the default: the end.
 */
#include "config.h"

#include "signals.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <unistd.h>

/* The one thing a handler can reach. */
static volatile sig_atomic_t stop_pipe = -1;

static void
on_signal(int number)
{
	const int saved = errno;
	ssize_t n = write(stop_pipe, "s", 1);

	(void)n;
	(void)number;
	errno = saved;
}

static enum status
catch_all(const int *numbers, size_t n, int *ret_fd, struct err *err)
{
	struct sigaction action = { .sa_flags = (int)SA_RESETHAND }, before;
	int fds[2];
	size_t i;

	if (pipe2(fds, O_CLOEXEC | O_NONBLOCK) == -1)
		return err_sys(err, errno, "pipe");
	stop_pipe = fds[1];
	action.sa_handler = on_signal;
	sigemptyset(&action.sa_mask);
	for (i = 0; i < n; i++) {
		/* nohup, or a job in the background: then so be it. */
		if (sigaction(numbers[i], NULL, &before) == 0 &&
		    before.sa_handler != SIG_IGN)
			sigaction(numbers[i], &action, NULL);
	}
	signal(SIGPIPE, SIG_IGN);
	*ret_fd = fds[0];
	return ST_OK;
}

enum status
signals_catch(int *ret_fd, struct err *err)
{
	static const int numbers[] = { SIGINT, SIGTERM, SIGHUP };

	return catch_all(numbers, 3, ret_fd, err);
}

enum status
signals_catch_peer(int *ret_fd, struct err *err)
{
	static const int numbers[] = { SIGTERM };

	signal(SIGINT, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	return catch_all(numbers, 1, ret_fd, err);
}
