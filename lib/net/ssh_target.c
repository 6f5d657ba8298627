/* SPDX-License-Identifier: MIT */
/*
 * Words that end up in a shell's command (ProxyCommand) are checked here, as
 * the name of a host may have come from anywhere.
 */
#include "config.h"

#include "net/ssh_target.h"

#include <sys/socket.h>

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "net/ssh.h"
#include "net/ssh_config.h"
#include "net/ssh_config_read.h"
#include "net/ssh_expand.h"
#include "net/ssh_known.h"
#include "net/ssh_user.h"
#include "util/str.h"

#define SSH_PORT 22

static void
list_free(char **list)
{
	size_t i;

	for (i = 0; list != NULL && list[i] != NULL; i++)
		free(list[i]);
	free(list);
}

void
ssh_target_free(struct ssh_target *t)
{
	if (t == NULL)
		return;
	free(t->typed);
	free(t->host);
	free(t->user);
	free(t->known_name);
	list_free(t->user_files);
	list_free(t->global_files);
	list_free(t->identities);
	free(t->agent);
	free(t->bind);
	free(t->proxy);
	ssh_config_free(t->config);
	free(t);
}

/* From a setting to what it means here. */

static enum status
copy(char **slot, const char *text, struct err *err)
{
	free(*slot);
	*slot = strdup(text);
	return *slot == NULL ? err_nomem(err) : ST_OK;
}

/* No word that a shell or another program could take for something else. */
static bool
is_plain(const char *name)
{
	const char *p;

	for (p = name; *p != '\0'; p++) {
		if (iscntrl((unsigned char)*p) ||
		    strchr(" '\"`$\\;&<>|(){}!*?~#", *p) != NULL)
			return false;
	}
	return *name != '\0' && *name != '-';
}

static enum status
set_port(struct ssh_target *t, unsigned given, struct err *err)
{
	const char *port = ssh_config_word(t->config, SSH_SET_PORT);
	char shown[STR_SHOW], *end;
	unsigned long n = given;

	if (n == 0 && port != NULL) {
		n = strtoul(port, &end, 10);
		if (*end != '\0' || n < 1 || n > 65535 || *port == '-')
			return err_set(err, ST_USAGE,
			    "ssh_config: Port %s is no port",
			    str_show(shown, port));
	}
	t->port = n == 0 ? SSH_PORT : (unsigned)n;
	return ST_OK;
}

static enum status
set_user(struct ssh_target *t, const struct ssh_opts *opts, struct err *err)
{
	const char *user = ssh_config_word(t->config, SSH_SET_USER);
	char shown[STR_SHOW];

	user = opts->user != NULL ? opts->user :
	    user != NULL	  ? user :
				    opts->person->name;
	if (!is_plain(user))
		return err_set(err, ST_USAGE, "%s: no name of a user",
		    str_show(shown, user));
	return copy(&t->user, user, err);
}

static enum status
set_host(struct ssh_target *t, const struct ssh_opts *opts, struct err *err)
{
	const char *name = ssh_config_word(t->config, SSH_SET_HOSTNAME);
	autofree char *host = NULL;
	char shown[STR_SHOW];
	enum status st;

	if (!is_plain(opts->host))
		return err_set(err, ST_USAGE, "%s: no name of a host",
		    str_show(shown, opts->host));
	st = copy(&t->typed, opts->host, err);
	if (st == ST_OK)
		st = copy(&t->host, opts->host, err); /* for %h */
	if (st != ST_OK || name == NULL)
		return st;
	st = ssh_expand(t, opts->person, name, &host, err);
	if (st == ST_OK && !is_plain(host))
		return err_set(err, ST_USAGE, "%s: no name of a host",
		    str_show(shown, host));
	return st == ST_OK ? copy(&t->host, host, err) : st;
}

static enum status
set_strict(struct ssh_target *t, struct err *err)
{
	const char *word = ssh_config_word(t->config, SSH_SET_STRICT);
	char shown[STR_SHOW];

	if (word == NULL || strcasecmp(word, "ask") == 0)
		t->strict = SSH_STRICT_ASK;
	else if (strcasecmp(word, "yes") == 0 || strcasecmp(word, "true") == 0)
		t->strict = SSH_STRICT_YES;
	/* Even with "no" a key that has changed is not taken. */
	else if (strcasecmp(word, "accept-new") == 0 ||
	    strcasecmp(word, "no") == 0 || strcasecmp(word, "off") == 0 ||
	    strcasecmp(word, "false") == 0)
		t->strict = SSH_STRICT_NEW;
	else
		return err_set(err, ST_USAGE,
		    "ssh_config: StrictHostKeyChecking %s makes no sense",
		    str_show(shown, word));
	return ST_OK;
}

static enum status
set_known(struct ssh_target *t, const struct ssh_user *person, struct err *err)
{
	static const char *const user_files[] = { "~/.ssh/known_hosts",
		"~/.ssh/known_hosts2", NULL };
	static const char *const global_files[] = { "/etc/ssh/ssh_known_hosts",
		"/etc/ssh/ssh_known_hosts2", NULL };
	const char *alias = ssh_config_word(t->config, SSH_SET_HOST_KEY_ALIAS);
	const char *const *words = ssh_config_words(t->config,
	    SSH_SET_USER_KNOWN_HOSTS);
	char name[SSH_KNOWN_NAME];
	enum status st;

	ssh_known_name(name, alias != NULL ? alias : t->host,
	    alias != NULL ? SSH_PORT : t->port);
	st = copy(&t->known_name, name, err);
	if (st == ST_OK)
		st = ssh_expand_list(t, person,
		    words != NULL ? words : user_files, &t->user_files, err);
	words = ssh_config_words(t->config, SSH_SET_GLOBAL_KNOWN_HOSTS);
	if (st == ST_OK)
		st = ssh_expand_list(t, person,
		    words != NULL ? words : global_files, &t->global_files,
		    err);
	t->hash_names = ssh_config_yes(t->config, SSH_SET_HASH_KNOWN_HOSTS,
	    false);
	return st == ST_OK ? set_strict(t, err) : st;
}

static enum status
set_agent(struct ssh_target *t, const struct ssh_user *person, struct err *err)
{
	const char *word = ssh_config_word(t->config, SSH_SET_IDENTITY_AGENT);

	if (word == NULL || strcmp(word, "SSH_AUTH_SOCK") == 0)
		return person->agent == NULL ?
		    ST_OK :
		    copy(&t->agent, person->agent, err);
	if (strcasecmp(word, "none") == 0)
		return ST_OK;
	if (*word == '$')
		return err_set(err, ST_USAGE,
		    "ssh_config: dsync does not expand IdentityAgent $...; "
		    "connect with --rsh ssh");
	return ssh_expand(t, person, word, &t->agent, err);
}

static enum status
set_identities(struct ssh_target *t, const struct ssh_opts *opts,
    struct err *err)
{
	static const char *const usual[] = { "~/.ssh/id_ed25519",
		"~/.ssh/id_ecdsa", "~/.ssh/id_rsa", NULL };
	const char *const given[] = { opts->identity, NULL };
	const char *const *words = ssh_config_words(t->config,
	    SSH_SET_IDENTITY_FILE);
	enum status st;

	t->only_identities = opts->identity != NULL ||
	    ssh_config_yes(t->config, SSH_SET_IDENTITIES_ONLY, false);
	if (opts->identity != NULL) {
		/* As the shell left it: "%" is a "%". */
		t->identities = calloc(2, sizeof(*t->identities));
		if (t->identities == NULL)
			return err_nomem(err);
		t->identities_named = true;
		st = copy(&t->identities[0], given[0], err);
	} else {
		t->identities_named = words != NULL;
		st = ssh_expand_list(t, opts->person,
		    words != NULL ? words : usual, &t->identities, err);
	}
	return st == ST_OK ? set_agent(t, opts->person, err) : st;
}

/* "PreferredAuthentications" has the name, or there is none. */
static bool
preferred(const struct ssh_target *t, const char *name)
{
	const char *list = ssh_config_word(t->config, SSH_SET_PREFERRED_AUTH);
	const size_t len = strlen(name);

	for (; list != NULL; list = strchr(list, ',')) {
		list += *list == ',';
		if (strncmp(list, name, len) == 0 &&
		    (list[len] == '\0' || list[len] == ','))
			return true;
	}
	return ssh_config_word(t->config, SSH_SET_PREFERRED_AUTH) == NULL;
}

static void
set_methods(struct ssh_target *t)
{
	if (preferred(t, "publickey") &&
	    ssh_config_yes(t->config, SSH_SET_PUBKEY_AUTH, true))
		t->methods |= SSH_METHOD_KEY;
	if (preferred(t, "keyboard-interactive") &&
	    ssh_config_yes(t->config, SSH_SET_KBDINT_AUTH, true))
		t->methods |= SSH_METHOD_QUESTIONS;
	if (preferred(t, "password") &&
	    ssh_config_yes(t->config, SSH_SET_PASSWORD_AUTH, true))
		t->methods |= SSH_METHOD_PASSWORD;
	t->may_ask = !ssh_config_yes(t->config, SSH_SET_BATCH_MODE, false);
}

/* "a,b,c": the way leads over a and b to c, each [user@]host[:port]. */
static enum status
set_jump(struct ssh_target *t, const char *jump, struct err *err)
{
	const char *last = strrchr(jump, ',');
	const int before = last == NULL ? 0 : (int)(last - jump);

	if (!is_plain(jump) || strstr(jump, "://") != NULL)
		return err_set(err, ST_USAGE,
		    "ssh_config: dsync can't follow this ProxyJump; "
		    "connect with --rsh ssh");
	if (asprintf(&t->proxy, "ssh%s%.*s -W '[%s]:%u' ssh://%s",
		before > 0 ? " -J " : "", before, jump, t->host, t->port,
		last == NULL ? jump : last + 1) == -1)
		return err_nomem(err);
	return ST_OK;
}

static enum status
set_way(struct ssh_target *t, const struct ssh_user *person, struct err *err)
{
	const char *command = ssh_config_word(t->config, SSH_SET_PROXY_COMMAND);
	const char *jump = ssh_config_word(t->config, SSH_SET_PROXY_JUMP);
	const char *family = ssh_config_word(t->config, SSH_SET_ADDRESS_FAMILY);
	const char *address = ssh_config_word(t->config, SSH_SET_BIND_ADDRESS);
	enum status st = ST_OK;

	t->family = AF_UNSPEC;
	if (family != NULL && strcasecmp(family, "inet") == 0)
		t->family = AF_INET;
	else if (family != NULL && strcasecmp(family, "inet6") == 0)
		t->family = AF_INET6;
	if (address != NULL)
		st = copy(&t->bind, address, err);
	if (st == ST_OK && jump != NULL && strcasecmp(jump, "none") != 0)
		return set_jump(t, jump, err);
	if (st != ST_OK || command == NULL || strcasecmp(command, "none") == 0)
		return st;
	return ssh_expand(t, person, command, &t->proxy, err);
}

enum status
ssh_target_new(const struct ssh_opts *opts, struct ssh_target **ret,
    struct err *err)
{
	const struct ssh_config_who who = { .host = opts->host,
		.user = opts->user,
		.local_user = opts->person->name };
	AUTO(ssh_target) struct ssh_target *t = calloc(1, sizeof(*t));
	enum status st;

	if (t == NULL)
		return err_nomem(err);
	st = ssh_config_read(&who, opts->person, &t->config, err);
	if (st == ST_OK)
		st = set_port(t, opts->port, err);
	if (st == ST_OK)
		st = set_user(t, opts, err);
	if (st == ST_OK)
		st = set_host(t, opts, err);
	if (st == ST_OK)
		st = set_known(t, opts->person, err);
	if (st == ST_OK)
		st = set_identities(t, opts, err);
	if (st == ST_OK)
		st = set_way(t, opts->person, err);
	if (st != ST_OK)
		return st;
	set_methods(t);
	*ret = t;
	t = NULL;
	return ST_OK;
}
