/* SPDX-License-Identifier: MIT */
/*
 * Logging in with keys: those of the agent that are named as identities, its
 * others, then those in files; none twice, as a server counts.  A key's
 * passphrase is asked for only when the server would take the key.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "net/ssh_agent.h"
#include "net/ssh_auth_state.h"
#include "net/ssh_target.h"
#include "net/ssh_user.h"
#include "util/str.h"

#define PASSPHRASE 1024

/* A key in a file. */
struct identity {
	const char *path;
	const char *name; /* its last part, for people */
	ssh_key public; /* NULL: it can't be read without the passphrase */
	char *base64;
	bool in_agent; /* tried already, by way of the agent */
};

struct identities {
	struct identity *list;
	size_t n;
};

static void
auto_identities(struct identities *all)
{
	size_t i;

	for (i = 0; i < all->n; i++) {
		ssh_key_free(all->list[i].public);
		ssh_string_free_char(all->list[i].base64);
	}
	free(all->list);
}

/* From the .pub beside it, or the file itself, whose public part is open. */
static void
read_public(struct identity *id)
{
	autofree char *pub = NULL;

	if (asprintf(&pub, "%s.pub", id->path) == -1)
		return;
	if (ssh_pki_import_pubkey_file(id->path, &id->public) != SSH_OK &&
	    ssh_pki_import_pubkey_file(pub, &id->public) != SSH_OK)
		id->public = NULL;
	if (id->public != NULL &&
	    ssh_pki_export_pubkey_base64(id->public, &id->base64) != SSH_OK)
		id->base64 = NULL;
}

static int
no_passphrase(const char *prompt, char *buf, size_t len, int echo, int verify,
    void *userdata)
{
	(void)prompt;
	(void)buf;
	(void)len;
	(void)echo;
	(void)verify;
	*(bool *)userdata = true;
	return -1;
}

static bool
read_identities(const struct ssh_target *target, struct identities *all)
{
	size_t n = 0, i;

	while (target->identities[n] != NULL)
		n++;
	all->list = calloc(n + 1, sizeof(*all->list));
	if (all->list == NULL)
		return false;
	all->n = n;
	for (i = 0; i < n; i++) {
		struct identity *id = &all->list[i];
		const char *slash = strrchr(target->identities[i], '/');

		id->path = target->identities[i];
		id->name = slash == NULL ? id->path : slash + 1;
		read_public(id);
	}
	return true;
}

static bool
is_identity(struct identities *all, const char *base64)
{
	bool found = false;
	size_t i;

	for (i = 0; i < all->n; i++) {
		if (all->list[i].base64 != NULL &&
		    strcmp(all->list[i].base64, base64) == 0) {
			all->list[i].in_agent = true;
			found = true;
		}
	}
	return found;
}

/* With its first refusal the server says which methods it takes. */
static bool
keys_taken(struct ssh_auth *auth)
{
	const unsigned offered = (unsigned)ssh_userauth_list(auth->session,
	    NULL);

	return offered == 0 || (offered & SSH_AUTH_METHOD_PUBLICKEY) != 0;
}

/* Those keys of the agent that are identities, or those that are not. */
static int
try_agent_keys(struct ssh_auth *auth, struct ssh_agent_keys *keys,
    struct identities *all, bool identities, size_t *tried)
{
	int code = SSH_AUTH_DENIED, fd = -1;
	struct err ignored;
	size_t i;

	for (i = 0; i < ssh_agent_keys_count(keys) && keys_taken(auth); i++) {
		if (is_identity(all, ssh_agent_keys_base64(keys, i)) !=
		    identities)
			continue;
		if (ssh_agent_keys_show(keys, i, &fd, &ignored) != ST_OK)
			return SSH_AUTH_DENIED;
		if (fd != -1)
			ssh_set_agent_socket(auth->session, fd);
		fd = -1;
		(*tried)++;
		do
			code = ssh_userauth_agent(auth->session, NULL);
		while (ssh_auth_again(auth, &code));
		if (code != SSH_AUTH_DENIED)
			return code;
	}
	return code;
}

static int
try_agent(struct ssh_auth *auth, struct identities *all)
{
	AUTO(ssh_agent_keys) struct ssh_agent_keys *keys = NULL;
	int code = SSH_AUTH_DENIED;
	struct err why;
	size_t tried = 0;

	if (auth->target->agent == NULL)
		return code;
	if (ssh_agent_keys_new(auth->target->agent, &keys, &why) != ST_OK) {
		ssh_auth_note(auth, "%s", why.text);
		return code;
	}
	code = try_agent_keys(auth, keys, all, true, &tried);
	if (code == SSH_AUTH_DENIED && !auth->target->only_identities)
		code = try_agent_keys(auth, keys, all, false, &tried);
	if (tried > 0 && (code != SSH_AUTH_DENIED || keys_taken(auth)))
		ssh_auth_note(auth, "agent %zu key%s", tried,
		    tried == 1 ? "" : "s");
	return code;
}

/* The private key, if it needs no passphrase. */
static ssh_key
open_key(const struct identity *id, bool *ret_locked)
{
	ssh_key key = NULL;

	*ret_locked = false;
	return ssh_pki_import_privkey_file(id->path, NULL, no_passphrase,
		   ret_locked, &key) == SSH_OK ?
	    key :
	    NULL;
}

/* With the passphrase of a person. */
static ssh_key
unlock(struct ssh_auth *auth, const struct identity *id)
{
	char question[STR_SHOW + 40], shown[STR_SHOW], passphrase[PASSPHRASE];
	ssh_key key = NULL;
	int i;

	snprintf(question, sizeof(question),
	    "Passphrase for the key %s: ", str_show(shown, id->path));
	for (i = 0; i < SSH_AUTH_TRIES && key == NULL; i++) {
		if (!auth->target->may_ask ||
		    !auth->person->ask(auth->person->ctx, question, false,
			passphrase, sizeof(passphrase)))
			break;
		if (ssh_pki_import_privkey_file(id->path, passphrase, NULL,
			NULL, &key) != SSH_OK)
			key = NULL;
	}
	explicit_bzero(passphrase, sizeof(passphrase));
	auth->locked |= key == NULL;
	return key;
}

/* Would the server take it?  Nobody types a passphrase for nothing. */
static int
offer(struct ssh_auth *auth, const struct identity *id)
{
	int code = SSH_AUTH_SUCCESS;

	if (id->public == NULL)
		return code;
	do
		code = ssh_userauth_try_publickey(auth->session, NULL,
		    id->public);
	while (ssh_auth_again(auth, &code));
	return code;
}

/* A key that is open is used at once: to offer it first takes a round trip. */
static int
try_file(struct ssh_auth *auth, const struct identity *id)
{
	bool locked;
	ssh_key key = open_key(id, &locked);
	int code = SSH_AUTH_SUCCESS;

	if (key == NULL && !locked) {
		ssh_auth_note(auth, "%.60s can't be read", id->name);
		return SSH_AUTH_DENIED;
	}
	if (key == NULL)
		code = offer(auth, id);
	if (key == NULL && code == SSH_AUTH_SUCCESS) {
		key = unlock(auth, id);
		if (key == NULL)
			return SSH_AUTH_DENIED;
	}
	if (key != NULL) {
		do
			code = ssh_userauth_publickey(auth->session, NULL, key);
		while (ssh_auth_again(auth, &code));
		ssh_key_free(key);
	}
	if (code != SSH_AUTH_DENIED || keys_taken(auth))
		ssh_auth_note(auth, "%.60s", id->name);
	return code;
}

static bool
is_there(const struct ssh_auth *auth, const struct identity *id)
{
	autofree char *text = NULL;
	struct err ignored;

	if (auth->person->file(auth->person->ctx, id->path, &text, &ignored) ==
	    ST_NOENT)
		return false;
	if (text != NULL)
		explicit_bzero(text, strlen(text));
	return true;
}

int
ssh_auth_keys(struct ssh_auth *auth)
{
	__attribute__((cleanup(auto_identities))) struct identities all = { 0 };
	int code;
	size_t i;

	if (!read_identities(auth->target, &all))
		return SSH_AUTH_DENIED;
	code = try_agent(auth, &all);
	for (i = 0; i < all.n && code == SSH_AUTH_DENIED && keys_taken(auth);
	     i++) {
		if (all.list[i].in_agent)
			continue;
		if (is_there(auth, &all.list[i]))
			code = try_file(auth, &all.list[i]);
		else if (auth->target->identities_named)
			ssh_auth_note(auth, "%.60s is not there",
			    all.list[i].name);
	}
	return code;
}
