/* SPDX-License-Identifier: MIT */
/*
 * Bytes as the settings of ssh: after flags, those of the person, those of
 * the machine, and what they include, with a NUL between.  What comes out can
 * be given to a connection, and to a shell.
 */
#include "config.h"

#include <ctype.h>
#include <stdio.h>

#include "fuzz.h"
#include "net/ssh.h"
#include "net/ssh_config.h"
#include "net/ssh_line.h"
#include "net/ssh_target.h"
#include "net/ssh_user.h"
#include "util/auto.h"

struct files {
	const char *person;
	const char *machine;
	const char *included;
};

static enum status
read_file(void *ctx, const char *path, char **ret, struct err *err)
{
	struct files *files = ctx;
	const char *text = strcmp(path, "/h/.ssh/config") == 0 ? files->person :
	    strcmp(path, "/etc/ssh/ssh_config") == 0 ? files->machine :
						       files->included;

	(void)err;
	*ret = strdup(text);
	FUZZ_CHECK(*ret != NULL);
	return ST_OK;
}

static enum status
find_files(void *ctx, const char *pattern, char ***ret, struct err *err)
{
	const size_t size = strlen(pattern) + sizeof("/i");

	(void)ctx;
	(void)err;
	*ret = malloc(2 * sizeof(**ret) + size);
	FUZZ_CHECK(*ret != NULL && *pattern == '/');
	(*ret)[0] = (char *)(*ret + 2);
	(*ret)[1] = NULL;
	snprintf((*ret)[0], size, "/i%s", pattern);
	return ST_OK;
}

/* As a word of a shell's command it stands for itself. */
static void
check_plain(const char *name)
{
	const char *p;

	FUZZ_CHECK(*name != '\0' && *name != '-');
	for (p = name; *p != '\0'; p++) {
		FUZZ_CHECK(!iscntrl((unsigned char)*p));
		FUZZ_CHECK(strchr(" '\"`$\\;&<>|(){}!*?~#", *p) == NULL);
	}
}

static void
check_list(char *const *list)
{
	FUZZ_CHECK(list != NULL);
	for (; *list != NULL; list++)
		FUZZ_CHECK(strchr(*list, '\n') == NULL);
}

static void
check_target(const struct ssh_target *t)
{
	FUZZ_CHECK(strcmp(t->typed, "box") == 0);
	check_plain(t->host);
	check_plain(t->user);
	FUZZ_CHECK(t->port >= 1 && t->port <= 65535);
	FUZZ_CHECK(t->known_name[0] != '\0');
	check_list(t->user_files);
	check_list(t->global_files);
	check_list(t->identities);
	FUZZ_CHECK((t->methods &
		       ~(unsigned)(SSH_METHOD_KEY | SSH_METHOD_QUESTIONS |
			   SSH_METHOD_PASSWORD)) == 0);
	FUZZ_CHECK(t->proxy == NULL || strchr(t->proxy, '\n') == NULL);
	FUZZ_CHECK(t->strict <= SSH_STRICT_NEW);
}

static enum status
make_target(struct files *files, bool typed, struct ssh_target **ret)
{
	const struct ssh_user person = { .ctx = files,
		.home = "/h",
		.name = "me",
		.agent = typed ? "/agent" : NULL,
		.file = read_file,
		.find = find_files };
	const struct ssh_opts opts = { .person = &person,
		.host = "box",
		.user = typed ? "you" : NULL,
		.port = typed ? 7 : 0,
		.identity = typed ? "/h/%key" : NULL };
	struct err err;
	enum status st;

	st = ssh_target_new(&opts, ret, &err);
	if (st == ST_OK) {
		check_target(*ret);
		FUZZ_CHECK(!typed || (*ret)->port == 7);
		FUZZ_CHECK(!typed || strcmp((*ret)->user, "you") == 0);
		FUZZ_CHECK(
		    !typed || strcmp((*ret)->identities[0], "/h/%key") == 0);
	} else {
		fuzz_error(&err, ST_USAGE);
	}
	return st;
}

/* What the machine says last changes nothing that was said before. */
static void
check_first_counts(struct files *files, const struct ssh_target *t)
{
	AUTO(ssh_target) struct ssh_target *other = NULL;
	const char *port = ssh_config_word(t->config, SSH_SET_PORT);
	const char *user = ssh_config_word(t->config, SSH_SET_USER);
	autofree char *more = NULL;

	FUZZ_CHECK(asprintf(&more, "%s\nHost *\nPort 99\nUser last\n",
		       files->machine) != -1);
	files->machine = more;
	if (make_target(files, false, &other) != ST_OK)
		return; /* what "%r" makes of it may be too long now */
	FUZZ_CHECK(other->port == (port == NULL ? 99 : t->port));
	FUZZ_CHECK(strcmp(other->user, user == NULL ? "last" : t->user) == 0);
	FUZZ_CHECK(strcmp(other->host, t->host) == 0 ||
	    ssh_config_word(t->config, SSH_SET_HOSTNAME) != NULL);
}

/* In quotes, so that it is one word whatever it holds. */
static char *
put_quoted(char *to, const char *word)
{
	*to++ = ' ';
	*to++ = '"';
	for (; *word != '\0'; word++) {
		if (*word == '"' || *word == '\\')
			*to++ = '\\';
		*to++ = *word;
	}
	*to++ = '"';
	return to;
}

static void
check_words(const struct ssh_line *line, size_t len)
{
	AUTO(ssh_line) struct ssh_line *again = NULL;
	autofree char *text = malloc(8 + 5 * len);
	char *end = text;
	struct err err;
	size_t i;

	FUZZ_CHECK(text != NULL);
	memcpy(text, "Key", 3);
	for (end += 3, i = 0; i < line->n_words; i++)
		end = put_quoted(end, line->words[i]);
	FUZZ_CHECK(line->words[i] == NULL && end <= text + 8 + 5 * len);
	FUZZ_CHECK(
	    ssh_line_parse(text, (size_t)(end - text), &again, &err) == ST_OK);
	FUZZ_CHECK(strcmp(again->keyword, "Key") == 0);
	FUZZ_CHECK(ssh_line_cut(again, &err) == ST_OK);
	FUZZ_CHECK(again->n_words == line->n_words);
	for (i = 0; i < line->n_words; i++)
		FUZZ_CHECK(strcmp(again->words[i], line->words[i]) == 0);
}

static void
check_lines(const char *text)
{
	struct err err;
	size_t len;

	for (; *text != '\0'; text += len, text += *text == '\n') {
		AUTO(ssh_line) struct ssh_line *line = NULL;

		len = strcspn(text, "\n");
		FUZZ_CHECK(ssh_line_parse(text, len, &line, &err) == ST_OK);
		if (line->keyword == NULL)
			continue;
		FUZZ_CHECK(strpbrk(line->keyword, " \t\r\f=\n") == NULL);
		if (ssh_line_cut(line, &err) == ST_OK)
			check_words(line, len);
		else
			fuzz_error(&err, ST_USAGE);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const bool typed = fuzz_byte(&data, &size) % 2 != 0;
	autofree char *person = fuzz_text(&data, &size);
	autofree char *machine = fuzz_text(&data, &size);
	autofree char *included = fuzz_text(&data, &size);
	AUTO(ssh_target) struct ssh_target *target = NULL;
	struct files files = { person, machine, included };

	check_lines(person);
	if (make_target(&files, typed, &target) == ST_OK && !typed)
		check_first_counts(&files, target);
	return 0;
}
