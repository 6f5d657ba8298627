/* SPDX-License-Identifier: MIT */
/*
 * /dev/tty, so that standard input and output can be what they are.  While
 * the echo is off, a signal that would end us waits until it is on again.
 */
#include "config.h"

#include "prompt.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "util/auto.h"

static const int enders[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP };

#define N_ENDERS (sizeof(enders) / sizeof(enders[0]))

static volatile sig_atomic_t caught;

static void
on_signal(int number)
{
	caught = number;
}

static void
say(int fd, const char *text)
{
	size_t len = strlen(text);

	while (len > 0) {
		ssize_t n = write(fd, text, len);

		if (n <= 0)
			return;
		text += n;
		len -= (size_t)n;
	}
}

/*
 * A line without its end; false at the end of input, or by a signal.  Signals
 * come in only while it waits: one that came just before would go unheard.
 */
static bool
read_line(int fd, char *answer, size_t size, const sigset_t *mask)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	size_t used = 0;
	char c;

	for (;;) {
		if (ppoll(&p, 1, NULL, mask) == -1 && errno == EINTR &&
		    caught == 0)
			continue;
		if (caught != 0 || read(fd, &c, 1) <= 0)
			return false;
		if (c == '\n' || c == '\r')
			break;
		if (used + 1 < size)
			answer[used++] = c;
	}
	answer[used] = '\0';
	return true;
}

static bool
set_echo(int fd, bool echo, struct termios *before)
{
	struct termios quiet;

	if (tcgetattr(fd, before) == -1)
		return false;
	quiet = *before;
	if (!echo)
		quiet.c_lflag &= ~(tcflag_t)ECHO;
	quiet.c_lflag |= (tcflag_t)(ICANON | ISIG);
	return tcsetattr(fd, TCSAFLUSH, &quiet) == 0;
}

bool
prompt_ask(const char *question, bool echo, char *answer, size_t size)
{
	struct sigaction action = { .sa_handler = on_signal };
	struct sigaction before[N_ENDERS];
	struct termios terminal;
	sigset_t closed, open_before;
	autoclose int fd = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
	bool done = false;
	size_t i;

	if (fd == -1)
		return false;
	caught = 0;
	sigemptyset(&action.sa_mask);
	sigemptyset(&closed);
	for (i = 0; i < N_ENDERS; i++) {
		sigaddset(&closed, enders[i]);
		sigaction(enders[i], &action, &before[i]);
	}
	sigprocmask(SIG_BLOCK, &closed, &open_before);
	if (set_echo(fd, echo, &terminal)) {
		say(fd, question);
		done = read_line(fd, answer, size, &open_before);
		if (!echo || !done)
			say(fd, "\n");
		tcsetattr(fd, TCSAFLUSH, &terminal);
	}
	sigprocmask(SIG_SETMASK, &open_before, NULL);
	for (i = 0; i < N_ENDERS; i++)
		sigaction(enders[i], &before[i], NULL);
	if (caught != 0)
		raise(caught);
	return done;
}
