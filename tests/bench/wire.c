/* SPDX-License-Identifier: MIT */
/*
 * The wire to the server of the benchmark:
 *
 *	wire LINK LOG COMMAND [ARGUMENT]...
 *
 * listens on a port of loopback, which it prints, and starts the command (sshd
 * -i) for each connection.  It counts what goes each way, which is all that SSH
 * puts into the TCP connection, and holds it back as a long wire does: LINK is a
 * file, read at each connection, with "DELAY RATE": microseconds one way, and
 * bytes a second each way (0: as fast as it goes).  LOG gets a line "open" for
 * each connection and "closed UP DOWN" when it and the command have ended.
 *
 * The three-way handshake of TCP takes its time on such a wire too: the client
 * is heard after one round trip, and the server starts after one and a half.
 */
#include "config.h"

#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <netinet/in.h>
#include <netinet/tcp.h>

#define NS INT64_C(1000000000)
#define SPACE                                                                  \
	((uint64_t)4 << 20) /* as TCP: 4 MiB of window, 80 MB/s at 50 ms */
#define MARKS  4096
#define AT_ONE 65536 /* read at once; less on a slow wire, for an even flow */
#define SLOW   4096
#define QUEUE  (NS / 10) /* what a slow wire lets wait before it */
#define WINDOW                                                                 \
	65536 /* of TCP before a slow wire, so that it does not wait there */

struct link {
	int64_t delay; /* ns, one way */
	int64_t rate; /* bytes a second; 0: no limit */
};

struct mark {
	uint64_t end; /* all before this */
	int64_t due; /* arrives then */
};

/* A ring of bytes, and one of what is due when; positions only grow. */
struct flow {
	int from, to;
	char *ring;
	uint64_t in, out, room;
	struct mark marks[MARKS];
	uint64_t first, next;
	int64_t line_free, end_due;
	bool ended, shut;
};

static void
die(const char *what)
{
	fprintf(stderr, "wire: %s: %s\n", what, strerror(errno));
	exit(99);
}

static int64_t
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * NS + t.tv_nsec;
}

static struct timespec
span(int64_t ns)
{
	struct timespec t;

	t.tv_sec = ns / NS;
	t.tv_nsec = ns % NS;
	return t;
}

static void
note(const char *path, const char *line)
{
	int fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0666);

	if (fd == -1 || write(fd, line, strlen(line)) == -1 || close(fd) == -1)
		die(path);
}

static struct link
link_read(const char *path)
{
	FILE *file = fopen(path, "re");
	struct link l;
	char line[80], *end;

	if (file == NULL || fgets(line, sizeof(line), file) == NULL)
		die(path);
	l.delay = strtoll(line, &end, 10) * 1000;
	l.rate = strtoll(end, NULL, 10);
	fclose(file);
	return l;
}

/* How much may be on its way, or wait for that. */
static uint64_t
link_room(const struct link *l)
{
	const int64_t ms = (l->delay + QUEUE) / (NS / 1000);
	const uint64_t most = (uint64_t)(l->rate * ms / 1000);

	return l->rate > 0 && most < SPACE ? most : SPACE;
}

static struct flow *
flow_new(int from, int to, const struct link *l, int64_t begins)
{
	struct flow *f = calloc(1, sizeof(*f));

	if (f == NULL || (f->ring = malloc(SPACE)) == NULL ||
	    fcntl(from, F_SETFL, O_NONBLOCK) == -1)
		die("start");
	f->from = from;
	f->to = to;
	f->line_free = begins;
	f->room = link_room(l);
	return f;
}

static bool
has_room(const struct flow *f)
{
	return !f->ended && f->in - f->out < f->room &&
	    f->next - f->first < MARKS;
}

static void
take(struct flow *f, const struct link *l)
{
	const uint64_t at = f->in % SPACE;
	const int64_t time = now();
	size_t most = l->rate > 0 ? SLOW : AT_ONE;
	ssize_t n;

	if (most > f->room - (f->in - f->out))
		most = f->room - (f->in - f->out);
	if (most > SPACE - at)
		most = SPACE - at;
	n = read(f->from, f->ring + at, most);
	if (n == -1 && (errno == EAGAIN || errno == EINTR))
		return;
	if (f->line_free < time)
		f->line_free = time;
	if (n <= 0) {
		f->ended = true;
		f->end_due = f->line_free + l->delay;
		return;
	}
	if (l->rate > 0)
		f->line_free += (int64_t)n * NS / l->rate;
	f->in += (uint64_t)n;
	f->marks[f->next % MARKS].end = f->in;
	f->marks[f->next % MARKS].due = f->line_free + l->delay;
	f->next++;
}

/* How much has arrived and is not passed on yet? */
static uint64_t
arrived(const struct flow *f, int64_t time)
{
	uint64_t i, end = f->out;

	for (i = f->first; i < f->next && f->marks[i % MARKS].due <= time; i++)
		end = f->marks[i % MARKS].end;
	return end - f->out;
}

static void
give(struct flow *f)
{
	const uint64_t at = f->out % SPACE;
	uint64_t n = arrived(f, now());
	ssize_t done;

	if (n == 0)
		return;
	done = send(f->to, f->ring + at, n < SPACE - at ? n : SPACE - at,
	    MSG_NOSIGNAL | MSG_DONTWAIT);
	if (done == -1 && errno != EAGAIN && errno != EINTR)
		done = (ssize_t)n; /* nobody reads: it goes nowhere */
	if (done > 0)
		f->out += (uint64_t)done;
	while (f->first < f->next && f->marks[f->first % MARKS].end <= f->out)
		f->first++;
}

static void
shut(struct flow *f)
{
	if (f->shut || !f->ended || f->out < f->in || now() < f->end_due)
		return;
	shutdown(f->to, SHUT_WR);
	f->shut = true;
}

/* When the next thing arrives; later than any time if nothing is on its way. */
static int64_t
next_due(const struct flow *f)
{
	if (f->first < f->next)
		return f->marks[f->first % MARKS].due;
	return f->ended && !f->shut ? f->end_due : INT64_MAX;
}

static void
turn(struct flow *flows[2], const struct link *l)
{
	const int64_t time = now();
	int64_t wakes = INT64_MAX;
	struct timespec wait;
	struct pollfd p[4];
	int i;

	for (i = 0; i < 2; i++) {
		const bool due = arrived(flows[i], time) > 0;

		p[i].fd = has_room(flows[i]) ? flows[i]->from : -1;
		p[i].events = POLLIN;
		p[i + 2].fd = due ? flows[i]->to : -1;
		p[i + 2].events = POLLOUT;
		if (!due && next_due(flows[i]) < wakes)
			wakes = next_due(flows[i]);
	}
	wait = span(wakes > time ? wakes - time : 0);
	if (ppoll(p, 4, wakes == INT64_MAX ? NULL : &wait, NULL) == -1 &&
	    errno != EINTR)
		die("poll");
	for (i = 0; i < 2; i++) {
		if (p[i].fd != -1 && p[i].revents != 0)
			take(flows[i], l);
		give(flows[i]);
		shut(flows[i]);
	}
}

static pid_t
start(char **command, int fd, int64_t delay)
{
	const struct timespec wait = span(delay);
	pid_t pid = fork();

	if (pid == -1)
		die("fork");
	if (pid != 0)
		return pid;
	nanosleep(&wait, NULL);
	if (dup2(fd, 0) == -1 || dup2(fd, 1) == -1)
		die("dup2");
	execvp(command[0], command);
	die(command[0]);
	return -1;
}

/* One connection, in a process of its own. */
static void
serve(int client, const struct link *l, const char *log, char **command)
{
	const int yes = 1, window = WINDOW;
	const int64_t begins = now() + 2 * l->delay;
	struct flow *flows[2];
	char line[80];
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) == -1 ||
	    setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes)) ==
		-1 ||
	    (l->rate > 0 &&
		setsockopt(client, SOL_SOCKET, SO_RCVBUF, &window,
		    sizeof(window)) == -1))
		die("connection");
	start(command, pair[1], 3 * l->delay);
	close(pair[1]);
	flows[0] = flow_new(client, pair[0], l, begins);
	flows[1] = flow_new(pair[0], client, l, begins);
	while (!flows[0]->shut || !flows[1]->shut)
		turn(flows, l);
	wait(NULL);
	snprintf(line, sizeof(line), "closed %llu %llu\n",
	    (unsigned long long)flows[0]->in, (unsigned long long)flows[1]->in);
	note(log, line);
	exit(0);
}

static int
listens(void)
{
	struct sockaddr_in at = { .sin_family = AF_INET };
	socklen_t len = sizeof(at);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (fd == -1 || bind(fd, (struct sockaddr *)&at, len) == -1 ||
	    listen(fd, 16) == -1 ||
	    getsockname(fd, (struct sockaddr *)&at, &len) == -1)
		die("listen");
	printf("%d\n", ntohs(at.sin_port));
	fflush(stdout);
	return fd;
}

int
main(int argc, char **argv)
{
	struct link l;
	int fd, client;

	if (argc < 4)
		die("usage: wire LINK LOG COMMAND [ARGUMENT]...");
	signal(SIGCHLD, SIG_IGN);
	prctl(PR_SET_PDEATHSIG, SIGTERM); /* with who started it */
	fd = listens();
	for (;;) {
		client = accept4(fd, NULL, NULL, SOCK_CLOEXEC);
		if (client == -1)
			continue;
		l = link_read(argv[1]);
		note(argv[2], "open\n");
		if (fork() == 0) {
			signal(SIGCHLD, SIG_DFL);
			close(fd);
			serve(client, &l, argv[2], argv + 3);
		}
		close(client);
	}
}
