/* SPDX-License-Identifier: MIT */
/* ~/.ssh/config, /etc/ssh/ssh_config, and what they include. */
#include "config.h"

#include "net/ssh_config_read.h"

#include <stdio.h>
#include <string.h>

#include "net/ssh_config.h"
#include "net/ssh_user.h"

#define SYSTEM_DIR "/etc/ssh"
#define LONGEST	   4096 /* bytes of a path */

struct source {
	const struct ssh_user *person;
	char dir[LONGEST]; /* what Include is relative to */
};

static enum status
include_one(struct source *source, struct ssh_config *config, const char *path,
    struct err *err)
{
	autofree char *text = NULL;
	enum status st;

	st = source->person->file(source->person->ctx, path, &text, err);
	if (st == ST_NOENT)
		return ST_OK;
	return st != ST_OK ? st : ssh_config_parse(config, path, text, err);
}

static enum status
include(void *ctx, struct ssh_config *config, const char *pattern,
    struct err *err)
{
	struct source *source = ctx;
	autofree char **found = NULL;
	char path[LONGEST];
	enum status st;
	size_t i;
	int len;

	if (strncmp(pattern, "~/", 2) == 0)
		len = snprintf(path, sizeof(path), "%s%s", source->person->home,
		    pattern + 1);
	else
		len = snprintf(path, sizeof(path), "%s%s%s",
		    *pattern == '/' ? "" : source->dir,
		    *pattern == '/' ? "" : "/", pattern);
	if (len < 0 || (size_t)len >= sizeof(path))
		return err_set(err, ST_USAGE, "Include: the name is too long");
	st = source->person->find(source->person->ctx, path, &found, err);
	for (i = 0; st == ST_OK && found[i] != NULL; i++)
		st = include_one(source, config, found[i], err);
	return st;
}

/* The person's own settings first: what is said first counts. */
enum status
ssh_config_read(const struct ssh_config_who *who, const struct ssh_user *person,
    struct ssh_config **ret, struct err *err)
{
	AUTO(ssh_config) struct ssh_config *config = NULL;
	struct source source = { .person = person };
	char path[LONGEST + 16];
	enum status st;
	int i;

	st = ssh_config_new(who, include, &source, &config);
	if (st != ST_OK)
		return err_nomem(err);
	for (i = 0; i < 2 && st == ST_OK; i++) {
		snprintf(source.dir, sizeof(source.dir), "%s%s",
		    i == 0 ? person->home : SYSTEM_DIR, i == 0 ? "/.ssh" : "");
		snprintf(path, sizeof(path), "%s/%s", source.dir,
		    i == 0 ? "config" : "ssh_config");
		st = include_one(&source, config, path, err);
	}
	if (st == ST_OK) {
		*ret = config;
		config = NULL;
	}
	return st;
}
