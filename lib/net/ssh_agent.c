/* SPDX-License-Identifier: MIT */
/*
 * libssh offers all keys of an agent, in the agent's order, whatever
 * IdentitiesOnly says; and when the server has had enough of them, it waits
 * for the agent for ever.  So it gets an agent with one key at a time: a
 * thread stands between it and the real one, answers the question for the
 * list itself, and hands on the question for a signature.
 *
 * Messages are a length of four bytes, a type, and the rest.
 */
#include "config.h"

#include "net/ssh_agent.h"

#include <sys/socket.h>
#include <sys/un.h>

#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include "net/ssh_agent_list.h"

#define ASK_LIST 11

#define MESSAGE_LIMIT (256 * 1024)
#define HEAD	      4

struct ssh_agent_keys {
	int agent; /* the real one */
	uint8_t *answer; /* a message; the list points into it */
	struct ssh_agent_list list;
	pthread_t thread;
	bool started;
	int theirs; /* our end of what libssh talks to */
	pthread_mutex_t lock; /* for: */
	size_t current;
};

static uint32_t
get_u32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 |
	    (uint32_t)p[2] << 8 | p[3];
}

static void
put_u32(uint8_t *p, size_t n)
{
	p[0] = (uint8_t)(n >> 24);
	p[1] = (uint8_t)(n >> 16);
	p[2] = (uint8_t)(n >> 8);
	p[3] = (uint8_t)n;
}

static bool
read_all(int fd, uint8_t *to, size_t len)
{
	while (len > 0) {
		ssize_t n = recv(fd, to, len, 0);

		if (n == -1 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		to += n;
		len -= (size_t)n;
	}
	return true;
}

static bool
write_all(int fd, const uint8_t *from, size_t len)
{
	while (len > 0) {
		ssize_t n = send(fd, from, len, MSG_NOSIGNAL);

		if (n == -1 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		from += n;
		len -= (size_t)n;
	}
	return true;
}

/* A whole message with its head, to be freed; NULL: the other side is gone. */
static uint8_t *
read_message(int fd, size_t *ret_len)
{
	uint8_t head[HEAD], *message;
	size_t len;

	if (!read_all(fd, head, HEAD))
		return NULL;
	len = get_u32(head);
	if (len == 0 || len > MESSAGE_LIMIT)
		return NULL;
	message = malloc(HEAD + len);
	if (message == NULL)
		return NULL;
	memcpy(message, head, HEAD);
	if (!read_all(fd, message + HEAD, len)) {
		free(message);
		return NULL;
	}
	*ret_len = HEAD + len;
	return message;
}

static enum status
dial_agent(const char *path, int *ret_fd, struct err *err)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	autoclose int fd = -1;

	if (strlen(path) >= sizeof(address.sun_path))
		return err_set(err, ST_LINK, "the agent's name is too long");
	memcpy(address.sun_path, path, strlen(path) + 1);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd == -1 ||
	    connect(fd, (const struct sockaddr *)&address, sizeof(address)) ==
		-1)
		return err_set(err, ST_LINK, "the agent does not answer: %s",
		    strerror(errno));
	*ret_fd = fd;
	fd = -1;
	return ST_OK;
}

enum status
ssh_agent_keys_new(const char *socket, struct ssh_agent_keys **ret,
    struct err *err)
{
	static const uint8_t question[] = { 0, 0, 0, 1, ASK_LIST };
	AUTO(ssh_agent_keys) struct ssh_agent_keys *k = calloc(1, sizeof(*k));
	enum status st;
	size_t len;

	if (k == NULL)
		return err_nomem(err);
	k->agent = -1;
	k->theirs = -1;
	pthread_mutex_init(&k->lock, NULL);
	st = dial_agent(socket, &k->agent, err);
	if (st != ST_OK)
		return st;
	if (write_all(k->agent, question, sizeof(question)))
		k->answer = read_message(k->agent, &len);
	if (k->answer == NULL)
		return err_set(err, ST_LINK, "the agent does not answer");
	st = ssh_agent_list_parse(k->answer + HEAD, len - HEAD, &k->list, err);
	if (st != ST_OK)
		return st;
	*ret = k;
	k = NULL;
	return ST_OK;
}

void
ssh_agent_keys_free(struct ssh_agent_keys *k)
{
	if (k == NULL)
		return;
	if (k->started) {
		shutdown(k->theirs, SHUT_RDWR);
		shutdown(k->agent, SHUT_RDWR);
		pthread_join(k->thread, NULL);
	}
	if (k->theirs != -1)
		close(k->theirs);
	if (k->agent != -1)
		close(k->agent);
	ssh_agent_list_fini(&k->list);
	free(k->answer);
	pthread_mutex_destroy(&k->lock);
	free(k);
}

size_t
ssh_agent_keys_count(const struct ssh_agent_keys *k)
{
	return k->list.n;
}

const char *
ssh_agent_keys_base64(const struct ssh_agent_keys *k, size_t i)
{
	return k->list.keys[i].base64;
}

static bool
answer_list(struct ssh_agent_keys *k)
{
	uint8_t head[HEAD + 1 + HEAD];
	const struct ssh_agent_key *key;

	pthread_mutex_lock(&k->lock);
	key = &k->list.keys[k->current];
	pthread_mutex_unlock(&k->lock);
	put_u32(head, 1 + HEAD + key->len);
	head[HEAD] = SSH_AGENT_LIST;
	put_u32(head + HEAD + 1, 1);
	return write_all(k->theirs, head, sizeof(head)) &&
	    write_all(k->theirs, key->entry, key->len);
}

static bool
hand_on(struct ssh_agent_keys *k, const uint8_t *question, size_t len)
{
	autofree uint8_t *answer = NULL;

	if (!write_all(k->agent, question, len))
		return false;
	answer = read_message(k->agent, &len);
	return answer != NULL && write_all(k->theirs, answer, len);
}

static void *
stand_between(void *arg)
{
	struct ssh_agent_keys *k = arg;
	bool going = true;
	size_t len;

	while (going) {
		autofree uint8_t *question = read_message(k->theirs, &len);

		if (question == NULL)
			break;
		going = question[HEAD] == ASK_LIST ? answer_list(k) :
						     hand_on(k, question, len);
	}
	/* So that nobody waits for an answer. */
	shutdown(k->theirs, SHUT_RDWR);
	return NULL;
}

static enum status
start(struct ssh_agent_keys *k, int *ret_fd, struct err *err)
{
	int pair[2], code;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) == -1)
		return err_sys(err, errno, "socketpair");
	k->theirs = pair[0];
	code = pthread_create(&k->thread, NULL, stand_between, k);
	if (code != 0) {
		close(pair[1]);
		return err_sys(err, code, "thread");
	}
	k->started = true;
	*ret_fd = pair[1];
	return ST_OK;
}

enum status
ssh_agent_keys_show(struct ssh_agent_keys *k, size_t i, int *ret_fd,
    struct err *err)
{
	pthread_mutex_lock(&k->lock);
	k->current = i;
	pthread_mutex_unlock(&k->lock);
	return k->started ? ST_OK : start(k, ret_fd, err);
}
