/* SPDX-License-Identifier: MIT */
/*
 * [user@]host[,[user@]host]...:/preset/NAME, the same with ::NAME, or a path.
 * The colon decides, by the rule that scp, rsync and git share.
 */
#include "config.h"

#include "place.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util/auto.h"
#include "util/str.h"

#define PRESET_PREFIX "/preset/"

void
place_fini(struct place *place)
{
	size_t i;

	for (i = 0; i < place->n_servers; i++)
		free(place->servers[i]);
	free(place->login);
	free(place->preset);
	free(place->path);
	memset(place, 0, sizeof(*place));
}

const char *
place_host(const struct place *place)
{
	return place->servers[place->turn];
}

char *
place_address(const struct place *place)
{
	char *text;

	return asprintf(&text, "%s:/preset/%s", place_host(place),
		   place->preset) == -1 ?
	    NULL :
	    text;
}

/* What ends this one of the hosts, or would: a comma, a colon, a slash. */
static const char *
server_end(const char *text)
{
	const char *at = text + strcspn(text, "@,/"), *host = text, *end;

	if (*at == '@')
		host = at + 1;
	if (*host == '[') {
		end = strchr(host, ']');
		if (end != NULL && (end[1] == ':' || end[1] == ','))
			return end + 1;
	}
	return host + strcspn(host, ",:/");
}

/* The colon that ends the hosts, or NULL: text is a path. */
static const char *
host_end(const char *text)
{
	const char *end = server_end(text);

	while (*end == ',')
		end = server_end(end + 1);
	return *end == ':' ? end : NULL;
}

/* A copy without the slashes at its end ("/" itself stays). */
static char *
trimmed(const char *path)
{
	size_t len = strlen(path);

	while (len > 1 && path[len - 1] == '/')
		len--;
	return strndup(path, len);
}

/* An option in the place of a host would be one for ssh, too. */
static bool
login_fine(const char *login)
{
	const char *host = strrchr(login, '@');
	const char *p;

	host = host == NULL ? login : host + 1;
	if (*host == '\0' || *login == '-' || *login == '@' || *host == '-')
		return false;
	for (p = login; *p != '\0'; p++) {
		if ((unsigned char)*p <= ' ' || *p == 0x7f)
			return false;
	}
	return true;
}

static enum status
split_login(struct place *place, const char *text, const char *colon,
    struct err *err)
{
	const char *from = text, *end = NULL;
	char shown[STR_SHOW];

	for (; end != colon; from = end + 1) {
		end = server_end(from);
		if (place->n_servers == PLACE_SERVERS)
			return err_set(err, ST_USAGE,
			    "%s: more than %d servers", str_show(shown, text),
			    PLACE_SERVERS);
		place->servers[place->n_servers] = strndup(from,
		    (size_t)(end - from));
		if (place->servers[place->n_servers++] == NULL)
			return err_nomem(err);
		if (!login_fine(place->servers[place->n_servers - 1]))
			return err_set(err, ST_USAGE, "%s: that is no host",
			    str_show(shown, text));
	}
	return ST_OK;
}

static enum status
parse_remote(const char *text, const char *colon, struct place *place,
    struct err *err)
{
	const size_t prefix = strlen(PRESET_PREFIX);
	const char *name = NULL;
	char shown[STR_SHOW];
	enum status st;

	place->remote = true;
	place->login = strndup(text, (size_t)(colon - text));
	if (place->login == NULL)
		return err_nomem(err);
	st = split_login(place, text, colon, err);
	if (st != ST_OK)
		return st;
	if (colon[1] == ':')
		name = colon + 2;
	else if (strncmp(colon + 1, PRESET_PREFIX, prefix) == 0)
		name = colon + 1 + prefix;
	if (name == NULL)
		place->path = trimmed(colon + 1);
	else
		place->preset = trimmed(name);
	if (place->path == NULL && place->preset == NULL)
		return err_nomem(err);
	if (name != NULL &&
	    (*place->preset == '\0' || strchr(place->preset, '/') != NULL))
		return err_set(err, ST_USAGE,
		    "%s: a preset's name has no slash and is not empty",
		    str_show(shown, text));
	return ST_OK;
}

enum status
place_parse(const char *text, struct place *ret, struct err *err)
{
	__attribute__((cleanup(auto_place))) struct place place = { 0 };
	const char *colon = host_end(text);
	enum status st = ST_OK;

	if (*text == '\0')
		return err_set(err, ST_USAGE, "an empty name is no folder");
	if (colon != NULL)
		st = parse_remote(text, colon, &place, err);
	else if ((place.path = trimmed(text)) == NULL)
		st = err_nomem(err);
	if (st != ST_OK)
		return st;
	*ret = place;
	memset(&place, 0, sizeof(place));
	return ST_OK;
}
