/* SPDX-License-Identifier: MIT */
/*
 * terminal [QUESTION ANSWER]... -- COMMAND...: runs the command on a terminal
 * of its own (/dev/tty), its standard input and output being ours.  When
 * QUESTION has appeared on the terminal, ANSWER and a newline are typed; the
 * answer "^C" is that key.  What the terminal shows goes to standard error.
 * Exits as the command; with 124 if a question does not appear.
 */
#include "config.h"

#include <sys/ioctl.h>
#include <sys/types.h>
#include <sys/wait.h>

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PATIENCE 60 /* seconds */
#define EXIT_NOT 124

static char shown[65536];
static size_t n_shown;

static void
die(const char *what)
{
	perror(what);
	exit(99);
}

static int
open_terminal(char name[64])
{
	int fd = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);

	if (fd == -1 || grantpt(fd) == -1 || unlockpt(fd) == -1 ||
	    ptsname_r(fd, name, 64) != 0)
		die("terminal");
	return fd;
}

static void
become(char **command, const char *name)
{
	int fd;

	setsid();
	fd = open(name, O_RDWR);
	if (fd == -1 || ioctl(fd, TIOCSCTTY, 0) == -1)
		_exit(99);
	/* It stays open: a terminal ends with its last descriptor. */
	execvp(command[0], command);
	_exit(127);
}

/* Reads until text has been shown; false when the terminal is closed. */
static int
await(int fd, const char *text)
{
	char *found;
	ssize_t n;

	while ((found = strstr(shown, text)) == NULL) {
		n = read(fd, shown + n_shown, sizeof(shown) - 1 - n_shown);
		if (n <= 0)
			return 0;
		(void)!write(STDERR_FILENO, shown + n_shown, (size_t)n);
		n_shown += (size_t)n;
		shown[n_shown] = '\0';
	}
	n_shown -= (size_t)(found + strlen(text) - shown);
	memmove(shown, found + strlen(text), n_shown + 1);
	return 1;
}

static void
type(int fd, const char *answer)
{
	const char *end = "\n";

	if (strcmp(answer, "^C") == 0) {
		answer = "\003";
		end = "";
	}
	(void)!write(fd, answer, strlen(answer));
	(void)!write(fd, end, strlen(end));
}

int
main(int argc, char **argv)
{
	char name[64];
	int fd = open_terminal(name), i, status, kept = 1;
	pid_t pid;

	for (i = 1; i < argc && strcmp(argv[i], "--") != 0; i++)
		continue;
	if (i + 1 >= argc)
		die("usage");
	pid = fork();
	if (pid == -1)
		die("fork");
	if (pid == 0)
		become(argv + i + 1, name);
	alarm(PATIENCE);
	for (i = 1; strcmp(argv[i], "--") != 0 && kept; i += 2) {
		kept = await(fd, argv[i]);
		if (kept)
			type(fd, argv[i + 1]);
	}
	while (await(fd, "\001never"))
		continue;
	if (waitpid(pid, &status, 0) == -1)
		die("wait");
	if (!kept)
		return EXIT_NOT;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
