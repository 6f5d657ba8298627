/* SPDX-License-Identifier: MIT */
/*
 * A link that can be looked after: stands between a client and its peer as the
 * command of --rsh, and passes their bytes on.
 *
 *	relay MODE N LOG HOST COMMAND
 *
 * MODE is how: "up" and "down" cut the link when N bytes went from the client
 * to the peer, or back; what else was on its way is lost.  "bytes" delivers
 * each byte alone, when the one before it was read; "hold" keeps all back until
 * both sides are still for N milliseconds.  At the end LOG gets a line "up BYTES
 * down BYTES", then "cut" or "whole", and "hung" if the peer had to be killed.
 */
#include "config.h"

#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <linux/sockios.h>

#define SPACE	    (4 * 1024 * 1024)
#define PATIENCE_MS 10000 /* for a peer whose link is gone */
#define EXIT_LOST   255 /* as ssh's */

struct flow {
	int from, to;
	char *data;
	size_t len;
	long passed;
	long limit; /* -1: none */
	bool ended; /* no more comes */
	bool shut; /* and all is passed on */
};

struct relay {
	struct flow up, down;
	bool one_by_one;
	int still_ms; /* 0: pass on at once */
	pid_t peer;
};

static void
die(const char *what)
{
	fprintf(stderr, "relay: %s: %s\n", what, strerror(errno));
	exit(99);
}

static pid_t
start_peer(const char *command, int fd)
{
	pid_t pid = fork();

	if (pid == -1)
		die("fork");
	if (pid != 0)
		return pid;
	if (dup2(fd, 0) == -1 || dup2(fd, 1) == -1)
		die("dup2");
	execl("/bin/sh", "sh", "-c", command, (char *)NULL);
	_exit(127);
}

static void
flow_init(struct flow *f, int from, int to, long limit)
{
	f->from = from;
	f->to = to;
	f->limit = limit;
	f->data = malloc(SPACE);
	if (f->data == NULL || fcntl(from, F_SETFL, O_NONBLOCK) == -1 ||
	    fcntl(to, F_SETFL, O_NONBLOCK) == -1)
		die("start");
}

static void
take(struct flow *f)
{
	ssize_t n = read(f->from, f->data + f->len, SPACE - f->len);

	if (n > 0)
		f->len += (size_t)n;
	else if (n == 0 || (errno != EAGAIN && errno != EINTR))
		f->ended = true;
}

/* Has the other end read all it was given? */
static bool
was_read(int fd)
{
	int left = 0;

	return ioctl(fd, SIOCOUTQ, &left) == -1 || left == 0;
}

static void
give(struct flow *f, bool one_by_one)
{
	size_t n = one_by_one && f->len > 1 ? 1 : f->len;
	ssize_t done;

	if (f->limit >= 0 && (long)n > f->limit - f->passed)
		n = (size_t)(f->limit - f->passed);
	if (one_by_one && !was_read(f->to)) {
		sched_yield();
		return;
	}
	done = n == 0 ? 0 : send(f->to, f->data, n, MSG_NOSIGNAL);
	if (done == -1 && errno != EAGAIN && errno != EINTR)
		f->len = 0; /* nobody reads: it goes nowhere */
	if (done <= 0)
		return;
	f->passed += done;
	f->len -= (size_t)done;
	memmove(f->data, f->data + done, f->len);
}

static void
shut(struct flow *f)
{
	if (f->shut || !f->ended || f->len > 0)
		return;
	shutdown(f->to, SHUT_WR);
	f->shut = true;
}

/* One turn; with still_ms what was taken waits until nothing more comes. */
static void
turn(struct relay *r)
{
	struct flow *flows[2] = { &r->up, &r->down };
	const bool holds = r->up.len + r->down.len > 0;
	struct pollfd p[4];
	int i, ready, came;

	for (i = 0; i < 2; i++) {
		const bool room = !flows[i]->ended && flows[i]->len < SPACE;
		const bool due = flows[i]->len > 0 && r->still_ms == 0;

		p[i].fd = room ? flows[i]->from : -1;
		p[i].events = POLLIN;
		p[i + 2].fd = due ? flows[i]->to : -1;
		p[i + 2].events = POLLOUT;
	}
	ready = poll(p, 4, holds && r->still_ms > 0 ? r->still_ms : -1);
	if (ready == -1 && errno != EINTR)
		die("poll");
	came = ready > 0 && (p[0].revents != 0 || p[1].revents != 0);
	for (i = 0; i < 2; i++) {
		if (ready > 0 && p[i].revents != 0)
			take(flows[i]);
		if (r->still_ms == 0 || !came)
			give(flows[i], r->one_by_one);
		shut(flows[i]);
	}
}

static bool
is_cut(const struct flow *f)
{
	return f->limit >= 0 && f->passed >= f->limit;
}

/* False if it did not end by itself. */
static bool
reap(pid_t pid, int *status)
{
	const struct timespec nap = { .tv_nsec = 1000 * 1000 };
	int ms;

	for (ms = 0; ms < PATIENCE_MS; ms++) {
		if (waitpid(pid, status, WNOHANG) == pid)
			return true;
		nanosleep(&nap, NULL);
	}
	kill(pid, SIGKILL);
	waitpid(pid, status, 0);
	return false;
}

static void
note(const struct relay *r, const char *path, bool cut, bool hung)
{
	FILE *log = fopen(path, "we");

	if (log == NULL)
		die(path);
	fprintf(log, "up %ld down %ld %s%s\n", r->up.passed, r->down.passed,
	    cut ? "cut" : "whole", hung ? " hung" : "");
	if (fclose(log) != 0)
		die(path);
}

int
main(int argc, char **argv)
{
	struct relay r = { 0 };
	int pair[2], status = 0;
	bool cut, hung;
	long n;

	if (argc != 6 ||
	    socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) == -1)
		die("usage: relay MODE N LOG HOST COMMAND");
	n = strtol(argv[2], NULL, 10);
	r.one_by_one = strcmp(argv[1], "bytes") == 0;
	r.still_ms = strcmp(argv[1], "hold") == 0 ? (int)n : 0;
	r.peer = start_peer(argv[5], pair[1]);
	close(pair[1]);
	flow_init(&r.up, 0, pair[0], strcmp(argv[1], "up") == 0 ? n : -1);
	flow_init(&r.down, pair[0], 1, strcmp(argv[1], "down") == 0 ? n : -1);
	while (
	    !is_cut(&r.up) && !is_cut(&r.down) && !(r.up.shut && r.down.shut))
		turn(&r);
	cut = is_cut(&r.up) || is_cut(&r.down);
	close(0);
	close(1);
	close(pair[0]);
	hung = !reap(r.peer, &status);
	note(&r, argv[3], cut, hung);
	free(r.up.data);
	free(r.down.data);
	if (cut)
		return EXIT_LOST;
	return WIFEXITED(status) ? WEXITSTATUS(status) : EXIT_LOST;
}
