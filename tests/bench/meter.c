/* SPDX-License-Identifier: MIT */
/*
 * What a command costs, with all that it starts:
 *
 *	meter FILE COMMAND [ARGUMENT]...
 *
 * appends a line to FILE: seconds until the command ended, user and system CPU
 * seconds of all its processes together, the peak of memory (KiB) of the
 * largest one, and the exit code, which is also its own.  A process that
 * outlives the one which started it becomes a child of the meter, so it counts
 * too.  It is small itself, for what a process had before exec() counts in the
 * peak of what it becomes.
 */
#include "config.h"

#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static void
die(const char *what)
{
	fprintf(stderr, "meter: %s: %s\n", what, strerror(errno));
	exit(99);
}

static double
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static double
seconds(struct timeval t)
{
	return (double)t.tv_sec + (double)t.tv_usec / 1e6;
}

static pid_t
start(char **command)
{
	pid_t pid = fork();

	if (pid == -1)
		die("fork");
	if (pid == 0) {
		execvp(command[0], command);
		fprintf(stderr, "meter: %s: %s\n", command[0], strerror(errno));
		_exit(127);
	}
	return pid;
}

/* Waits for all there are; returns the status of one, and when it ended. */
static int
reap(pid_t command, double *ret_ended)
{
	int status, result = 0;
	pid_t pid;

	for (;;) {
		pid = wait(&status);
		if (pid == -1 && errno == ECHILD)
			return result;
		if (pid == command) {
			*ret_ended = now();
			result = status;
		}
	}
}

static void
note(const char *path, double wall, int code)
{
	struct rusage all;
	char line[128];
	int fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0666);
	int len;

	if (fd == -1 || getrusage(RUSAGE_CHILDREN, &all) == -1)
		die(path);
	len = snprintf(line, sizeof(line), "%.6f %.6f %.6f %ld %d\n", wall,
	    seconds(all.ru_utime), seconds(all.ru_stime), all.ru_maxrss, code);
	if (write(fd, line, (size_t)len) != len || close(fd) == -1)
		die(path);
}

int
main(int argc, char **argv)
{
	double began, ended = 0;
	int status, code;
	pid_t command;

	if (argc < 3 || prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == -1)
		die("usage: meter FILE COMMAND [ARGUMENT]...");
	began = now();
	command = start(argv + 2);
	status = reap(command, &ended);
	code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	note(argv[1], ended - began, code);
	return code;
}
