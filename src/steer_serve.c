/* SPDX-License-Identifier: MIT */
/*
 * One epoll descriptor stands for the door and all who came through it, so
 * that it fits into any loop.  An answer is a short line: where the kernel has
 * no room for it at once, who asked does not read, and is let go.
 */
#include "config.h"

#include "steer_serve.h"

#include <sys/epoll.h>
#include <sys/socket.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "util/auto.h"

static const char *const words[STEER__MAX] = { "status", "flush", "pause",
	"resume" };

const char *
steer_word(enum steer_what what)
{
	return words[what];
}

static int
attend(const struct steer *s, int fd)
{
	struct epoll_event event = { .events = EPOLLIN };

	return epoll_ctl(s->poll, EPOLL_CTL_ADD, fd, &event);
}

enum status
steer_open(struct steer *s, const struct control *control, struct err *err)
{
	size_t i;

	s->control = control;
	s->poll = -1;
	for (i = 0; i < STEER_CALLERS; i++)
		s->callers[i] = (struct steer_caller){ .fd = -1 };
	s->poll = epoll_create1(EPOLL_CLOEXEC);
	if (s->poll == -1 ||
	    (control->fd != -1 && attend(s, control->fd) == -1))
		return err_sys(err, errno, "epoll");
	return ST_OK;
}

static void
let_go(struct steer_caller *caller)
{
	if (caller->fd != -1)
		close(caller->fd);
	*caller = (struct steer_caller){ .fd = -1 };
}

void
steer_dismiss(struct steer *s)
{
	size_t i;

	for (i = 0; i < STEER_CALLERS; i++)
		let_go(&s->callers[i]);
}

void
steer_close(struct steer *s)
{
	if (s->poll == -1)
		return;
	steer_dismiss(s);
	close(s->poll);
	s->poll = -1;
}

/* "flush 7"; what is none of the words is nobody of ours. */
static bool
understand(struct steer_caller *caller)
{
	char *number = strchr(caller->line, ' ');
	int i;

	if (number != NULL) {
		*number = '\0';
		caller->number = strtoull(number + 1, NULL, 10);
	}
	for (i = 0; i < STEER__MAX; i++) {
		if (strcmp(caller->line, words[i]) != 0)
			continue;
		caller->what = (enum steer_what)i;
		caller->asked = true;
		return true;
	}
	return false;
}

/* True: a line has become whole. */
static bool
listen_to(struct steer_caller *caller)
{
	const size_t room = sizeof(caller->line) - 1 - caller->len;
	ssize_t n = recv(caller->fd, caller->line + caller->len, room, 0);
	char *end;

	if (n == -1 && (errno == EAGAIN || errno == EINTR))
		return false;
	if (n > 0 && !caller->asked) {
		caller->len += (size_t)n;
		end = memchr(caller->line, '\n', caller->len);
		if (end == NULL && (size_t)n < room)
			return false;
		if (end != NULL) {
			*end = '\0';
			if (understand(caller))
				return true;
		}
	}
	/* He has gone, or says what nobody of ours would. */
	let_go(caller);
	return false;
}

static struct steer_caller *
vacant(struct steer *s)
{
	size_t i;

	for (i = 0; i < STEER_CALLERS; i++) {
		if (s->callers[i].fd == -1)
			return &s->callers[i];
	}
	return NULL;
}

/* Where there is no place for one, he is sent away, and asks again. */
static void
take_in(struct steer *s)
{
	struct steer_caller *caller;
	int fd;

	while ((fd = control_accept(s->control)) != -1) {
		caller = vacant(s);
		if (caller != NULL)
			caller->fd = fd;
		if (caller == NULL)
			close(fd);
		else if (attend(s, fd) == -1)
			let_go(caller);
	}
}

void
steer_hear(struct steer *s,
    void (*handle)(void *ctx, struct steer_caller *caller), void *ctx)
{
	size_t i;

	take_in(s);
	for (i = 0; i < STEER_CALLERS; i++) {
		if (s->callers[i].fd != -1 && listen_to(&s->callers[i]))
			handle(ctx, &s->callers[i]);
	}
}

void
steer_answer(struct steer_caller *caller, json_t *answer)
{
	autofree char *text = json_dumps(answer, JSON_COMPACT);
	autofree char *line = NULL;
	int len;

	json_decref(answer);
	len = text == NULL ? -1 : asprintf(&line, "%s\n", text);
	if (len != -1)
		(void)!send(caller->fd, line, (size_t)len,
		    MSG_DONTWAIT | MSG_NOSIGNAL);
	let_go(caller);
}

void
steer_say(struct steer_caller *caller, enum exitcode code, const char *text)
{
	json_t *o = json_object();

	(void)!json_object_set_new(o, "exit", json_integer(code));
	if (text != NULL)
		(void)!json_object_set_new(o, "text", json_string(text));
	steer_answer(caller, o);
}

void
steer_again(struct steer_caller *caller, uint64_t number)
{
	json_t *o = json_object();

	(void)!json_object_set_new(o, "again",
	    json_integer((json_int_t)number));
	steer_answer(caller, o);
}
