/* SPDX-License-Identifier: MIT */
/* SIGALRM and a timer; the handler does what a handler may do, and no more. */
#include "config.h"

#include "deadline.h"

#include <sys/time.h>

#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "exitcode.h"
#include "util/env.h"

/* What the handler can reach; written only while the timer is off. */
static char last_words[320];
static volatile sig_atomic_t last_words_len;
static struct itimerval paused;

static void
on_alarm(int number)
{
	ssize_t n = write(STDERR_FILENO, last_words, (size_t)last_words_len);

	(void)n;
	(void)number;
	_exit(EXITCODE_CONNECT_TIMEOUT);
}

void
deadline_clear(void)
{
	const struct itimerval off = { .it_value = { .tv_sec = 0 } };

	setitimer(ITIMER_REAL, &off, NULL);
}

void
deadline_set(int64_t ns, const char *text)
{
	const struct itimerval on = { .it_value = { .tv_sec = ns / NSEC,
					  .tv_usec = ns % NSEC / 1000 } };
	struct sigaction action = { .sa_handler = on_alarm };

	deadline_clear();
	snprintf(last_words, sizeof(last_words), "dsync: %.300s\n", text);
	last_words_len = (sig_atomic_t)strlen(last_words);
	sigemptyset(&action.sa_mask);
	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &on, NULL);
}

void
deadline_pause(void)
{
	const struct itimerval off = { .it_value = { .tv_sec = 0 } };

	setitimer(ITIMER_REAL, &off, &paused);
}

void
deadline_resume(void)
{
	setitimer(ITIMER_REAL, &paused, NULL);
}
