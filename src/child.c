/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "child.h"

#include <sys/prctl.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "util/auto.h"

/* Nobody would hear of it any more; it may be too late to be told. */
static void
end_with(pid_t parent)
{
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() != parent)
		_exit(EXIT_FAILURE);
}

enum status
child_fork(struct child *ret, struct err *err)
{
	const pid_t parent = getpid();
	autoclose int in = -1;
	autoclose int out = -1;
	int fds[2];
	pid_t pid;

	*ret = CHILD_NONE;
	if (pipe2(fds, O_CLOEXEC) == -1)
		return err_sys(err, errno, "pipe");
	in = fds[0];
	out = fds[1];
	/* What is not written yet is not for both to write. */
	fflush(NULL);
	pid = fork();
	if (pid == -1)
		return err_sys(err, errno, "fork");
	ret->pid = pid;
	if (pid == 0) {
		end_with(parent);
		ret->fd = out;
		out = -1;
	} else {
		ret->fd = in;
		in = -1;
	}
	return ST_OK;
}

int
child_wait(struct child *child)
{
	int status = -1;

	auto_close(&child->fd);
	while (child->pid > 0 && waitpid(child->pid, &status, 0) == -1 &&
	    errno == EINTR)
		;
	*child = CHILD_NONE;
	return status;
}
