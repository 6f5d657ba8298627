/* SPDX-License-Identifier: MIT */
/* What a text of ssh_config means for one connection. */
#include "config.h"

#include "net/ssh_expand.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "net/ssh_target.h"
#include "net/ssh_user.h"
#include "util/str.h"

#define LONGEST 8192 /* bytes of a path or command */

static const char *
token(const struct ssh_target *t, const struct ssh_user *person, char letter,
    char number[16])
{
	switch (letter) {
	case '%':
		return "%";
	case 'h':
		return t->host;
	case 'n':
		return t->typed;
	case 'p':
		snprintf(number, 16, "%u", t->port);
		return number;
	case 'r':
		return t->user;
	case 'u':
		return person->name;
	case 'd':
		return person->home;
	default:
		return NULL;
	}
}

enum status
ssh_expand(const struct ssh_target *t, const struct ssh_user *person,
    const char *text, char **ret, struct err *err)
{
	char out[LONGEST], number[16], shown[STR_SHOW];
	const char *p = text, *put;
	size_t used = 0;

	if (strstr(text, "${") != NULL)
		return err_set(err, ST_USAGE,
		    "ssh_config: dsync does not expand \"%s\"; "
		    "connect with --rsh ssh",
		    str_show(shown, text));
	for (; *p != '\0' && used < sizeof(out); p++) {
		char one[2] = { *p, '\0' };

		put = one;
		if (p == text && strncmp(p, "~/", 2) == 0)
			put = person->home;
		else if (*p == '%')
			put = token(t, person, *++p, number);
		if (put == NULL)
			return err_set(err, ST_USAGE,
			    "ssh_config: dsync does not expand \"%s\"; "
			    "connect with --rsh ssh",
			    str_show(shown, text));
		used += (size_t)snprintf(out + used, sizeof(out) - used, "%s",
		    put);
	}
	if (used >= sizeof(out))
		return err_set(err, ST_USAGE, "ssh_config: too long: %s",
		    str_show(shown, text));
	*ret = strdup(out);
	return *ret == NULL ? err_nomem(err) : ST_OK;
}

enum status
ssh_expand_list(const struct ssh_target *t, const struct ssh_user *person,
    const char *const *words, char ***ret, struct err *err)
{
	enum status st = ST_OK;
	size_t n = 0, used = 0;
	char **list;

	while (words[n] != NULL)
		n++;
	list = calloc(n + 1, sizeof(*list));
	if (list == NULL)
		return err_nomem(err);
	*ret = list;
	for (; *words != NULL && st == ST_OK; words++) {
		if (strcasecmp(*words, "none") != 0)
			st = ssh_expand(t, person, *words, &list[used++], err);
	}
	return st;
}
