/* SPDX-License-Identifier: MIT */
/* An agent of which one key is shown; and agents that talk nonsense. */
#include "config.h"

#include <sys/socket.h>
#include <sys/un.h>

#include <pthread.h>
#include <stdint.h>
#include <string.h>

#include "net/ssh_agent.h"
#include "unit.h"

/* Three bytes of a key, and a comment. */
#define KEY(a, b) 0, 0, 0, 3, 'k', 'e', a, 0, 0, 0, 1, b
#define LIST(n)	  12, 0, 0, 0, n

static char folder[UNIT_FOLDER], path[UNIT_FOLDER + 8];
static struct ssh_agent_keys *keys;
static struct err err;
static pthread_t thread;
static int listener;

/* What the agent of this test answers, in order. */
struct answer {
	const uint8_t *data;
	size_t len;
};
static struct answer answers[4];
static uint8_t asked[4]; /* the types of what it was asked */

static void *
agent(void *arg)
{
	int fd = accept(listener, NULL, NULL), i;
	uint8_t question[64];

	(void)arg;
	for (i = 0; i < 4 && answers[i].data != NULL; i++) {
		const struct answer *a = &answers[i];
		uint8_t head[4] = { 0, 0, (uint8_t)(a->len >> 8),
			(uint8_t)a->len };

		if (recv(fd, question, 4, MSG_WAITALL) != 4 ||
		    recv(fd, question + 4, question[3], MSG_WAITALL) < 1)
			break;
		asked[i] = question[4];
		if (send(fd, head, 4, MSG_NOSIGNAL) != 4 ||
		    send(fd, a->data, a->len, MSG_NOSIGNAL) < 0)
			break;
	}
	close(fd);
	return NULL;
}

static void
setup(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	unit_folder(folder);
	snprintf(path, sizeof(path), "%s/agent", folder);
	memcpy(address.sun_path, path, strlen(path) + 1);
	listener = socket(AF_UNIX, SOCK_STREAM, 0);
	ck_assert_int_eq(bind(listener, (struct sockaddr *)&address,
			     sizeof(address)),
	    0);
	ck_assert_int_eq(listen(listener, 1), 0);
	memset(answers, 0, sizeof(answers));
	memset(asked, 0, sizeof(asked));
}

static void
start(void)
{
	ck_assert_int_eq(pthread_create(&thread, NULL, agent, NULL), 0);
}

static void
teardown(void)
{
	ssh_agent_keys_free(keys);
	keys = NULL;
	close(listener);
	unit_folder_remove(folder);
}

static const uint8_t two[] = { LIST(2), KEY('1', 'a'), KEY('2', 'b') };

/* Says it as libssh would, and takes the answer. */
static void
ask(int fd, uint8_t type, const uint8_t *wanted, size_t len)
{
	uint8_t question[] = { 0, 0, 0, 1, type }, got[64];

	ck_assert_int_eq(send(fd, question, 5, MSG_NOSIGNAL), 5);
	ck_assert_int_eq(recv(fd, got, 4, MSG_WAITALL), 4);
	ck_assert_uint_eq(got[3], len);
	ck_assert_int_eq(recv(fd, got, len, MSG_WAITALL), (int)len);
	ck_assert_mem_eq(got, wanted, len);
}

START_TEST(shows_one)
{
	static const uint8_t first[] = { LIST(1), KEY('1', 'a') };
	static const uint8_t second[] = { LIST(1), KEY('2', 'b') };
	static const uint8_t signature[] = { 14, 's', 'i', 'g' };
	int fd = -1, again = -1;

	answers[0] = (struct answer){ two, sizeof(two) };
	answers[1] = (struct answer){ signature, sizeof(signature) };
	start();
	ck_assert_int_eq(ssh_agent_keys_new(path, &keys, &err), ST_OK);
	ck_assert_uint_eq(ssh_agent_keys_count(keys), 2);
	ck_assert_str_eq(ssh_agent_keys_base64(keys, 0), "a2Ux");
	ck_assert_str_eq(ssh_agent_keys_base64(keys, 1), "a2Uy");
	ck_assert_int_eq(ssh_agent_keys_show(keys, 1, &fd, &err), ST_OK);
	ask(fd, 11, second, sizeof(second));
	ck_assert_int_eq(ssh_agent_keys_show(keys, 0, &again, &err), ST_OK);
	ck_assert_int_eq(again, -1);
	ask(fd, 11, first, sizeof(first));
	/* All else is the real agent's; it never hears of lists again. */
	ask(fd, 13, signature, sizeof(signature));
	pthread_join(thread, NULL);
	ck_assert_uint_eq(asked[0], 11);
	ck_assert_uint_eq(asked[1], 13);
	close(fd);
}
END_TEST

/* The real one goes away in the middle: an end, and no waiting. */
START_TEST(goes_away)
{
	uint8_t question[] = { 0, 0, 0, 1, 13 }, got[4];
	int fd = -1;

	answers[0] = (struct answer){ two, sizeof(two) };
	start();
	ck_assert_int_eq(ssh_agent_keys_new(path, &keys, &err), ST_OK);
	ck_assert_int_eq(ssh_agent_keys_show(keys, 0, &fd, &err), ST_OK);
	pthread_join(thread, NULL);
	ck_assert_int_eq(send(fd, question, 5, MSG_NOSIGNAL), 5);
	ck_assert_int_eq(recv(fd, got, 4, MSG_WAITALL), 0);
	close(fd);
}
END_TEST

START_TEST(has_none)
{
	static const uint8_t none[] = { LIST(0) };

	answers[0] = (struct answer){ none, sizeof(none) };
	start();
	ck_assert_int_eq(ssh_agent_keys_new(path, &keys, &err), ST_OK);
	ck_assert_uint_eq(ssh_agent_keys_count(keys), 0);
	pthread_join(thread, NULL);
}
END_TEST

static const uint8_t failure[] = { 5 };
static const uint8_t short_list[] = { 12, 0, 0 };
static const uint8_t lies[] = { LIST(2), KEY('1', 'a') };
static const uint8_t no_comment[] = { LIST(1), 0, 0, 0, 1, 'k' };
static const uint8_t too_long[] = { LIST(1), 0xff, 0xff, 0xff, 0xff, 'k' };
static const uint8_t many[] = { 12, 0, 1, 0, 0 };
static const uint8_t nothing[] = { 0 };

static const struct answer nonsense[] = {
	{ failure, sizeof(failure) },
	{ short_list, sizeof(short_list) },
	{ lies, sizeof(lies) },
	{ no_comment, sizeof(no_comment) },
	{ too_long, sizeof(too_long) },
	{ many, sizeof(many) },
	{ nothing, 0 },
};

START_TEST(talks_nonsense)
{
	answers[0] = nonsense[_i];
	start();
	ck_assert_int_eq(ssh_agent_keys_new(path, &keys, &err), ST_LINK);
	pthread_join(thread, NULL);
}
END_TEST

START_TEST(is_not_there)
{
	char long_path[300];

	memset(long_path, 'x', sizeof(long_path) - 1);
	long_path[sizeof(long_path) - 1] = '\0';
	ck_assert_int_eq(ssh_agent_keys_new(folder, &keys, &err), ST_LINK);
	ck_assert_int_eq(ssh_agent_keys_new(long_path, &keys, &err), ST_LINK);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("net_ssh_agent");
	TCase *t = tcase_create("agent");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, shows_one);
	tcase_add_test(t, goes_away);
	tcase_add_test(t, has_none);
	tcase_add_loop_test(t, talks_nonsense, 0,
	    sizeof(nonsense) / sizeof(nonsense[0]));
	tcase_add_test(t, is_not_there);
	suite_add_tcase(s, t);
	return s;
}

UNIT_MAIN(suite);
