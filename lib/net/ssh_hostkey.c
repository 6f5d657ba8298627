/* SPDX-License-Identifier: MIT */
/*
 * A key that is marked as revoked is refused whatever else stands there; then
 * the very key is trusted; a host that is known by anything else is refused,
 * and nobody is asked.
 */
#include "config.h"

#include "net/ssh_hostkey.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "net/ssh_config.h"
#include "net/ssh_known.h"
#include "net/ssh_target.h"
#include "net/ssh_user.h"
#include "util/auto.h"
#include "util/env.h"
#include "util/str.h"

/* What we take, the best first; libssh's own, without certificates. */
#define ALGORITHMS                                                             \
	"ssh-ed25519,ecdsa-sha2-nistp256,ecdsa-sha2-nistp384,"                 \
	"ecdsa-sha2-nistp521,rsa-sha2-512,rsa-sha2-256"

#define QUESTIONS 3 /* times that a person is asked for yes or no */

/* The server's key, in all its spellings. */
struct server_key {
	ssh_key key;
	char *base64;
	unsigned char *hash;
	char *fingerprint; /* "SHA256:..." */
	struct ssh_known_key known;
};

static void
auto_server_key(struct server_key *k)
{
	ssh_key_free(k->key);
	ssh_string_free_char(k->base64);
	ssh_clean_pubkey_hash(&k->hash);
	ssh_string_free_char(k->fingerprint);
}

static enum status
look_in(const struct ssh_user *person, char *const *files,
    const struct ssh_known_key *key, struct ssh_known *known, struct err *err)
{
	enum status st = ST_OK;

	for (; *files != NULL && st == ST_OK; files++) {
		autofree char *text = NULL;

		st = person->file(person->ctx, *files, &text, err);
		if (st == ST_OK)
			ssh_known_look(known, *files, text, key);
		else if (st == ST_NOENT)
			st = ST_OK;
	}
	return st;
}

static enum status
look(const struct ssh_target *target, const struct ssh_user *person,
    const struct ssh_known_key *key, struct ssh_known *known, struct err *err)
{
	enum status st;

	st = look_in(person, target->user_files, key, known, err);
	if (st == ST_OK)
		st = look_in(person, target->global_files, key, known, err);
	return st;
}

/* "ssh-rsa" in the file is any of the signatures that such a key makes. */
static bool
is_known_type(const char *types, const char *algorithm, size_t len)
{
	const char *type = strncmp(algorithm, "rsa-", 4) == 0 ? "ssh-rsa" :
								NULL;
	size_t type_len = type == NULL ? len : strlen(type);

	type = type == NULL ? algorithm : type;
	while (*types != '\0') {
		size_t n = strcspn(types, ",");

		if (n == type_len && strncmp(types, type, n) == 0)
			return true;
		types += n;
		types += *types == ',';
	}
	return false;
}

/* Adds to order those of the list that are of known types, or those not. */
static void
add_algorithms(char *order, size_t size, const char *list, const char *types,
    bool known)
{
	while (*list != '\0') {
		size_t n = strcspn(list, ","), used = strlen(order);

		if (is_known_type(types, list, n) == known)
			snprintf(order + used, size - used, "%s%.*s",
			    used == 0 ? "" : ",", (int)n, list);
		list += n;
		list += *list == ',';
	}
}

enum status
ssh_hostkey_prefer(ssh_session session, const struct ssh_target *target,
    const struct ssh_user *person, struct err *err)
{
	const struct ssh_known_key key = { .name = target->known_name };
	const char *list = ssh_config_word(target->config,
	    SSH_SET_HOST_KEY_ALGORITHMS);
	struct ssh_known known = { .trusted = false };
	char order[2048] = "";
	enum status st;

	st = look(target, person, &key, &known, err);
	if (st != ST_OK)
		return st;
	if (list == NULL)
		list = ALGORITHMS;
	else if (strpbrk(list, "+-^*") == list || strchr(list, '*') != NULL)
		return err_set(err, ST_USAGE,
		    "ssh_config: dsync can't follow HostKeyAlgorithms %.200s; "
		    "connect with --rsh ssh",
		    list);
	add_algorithms(order, sizeof(order), list, known.types, true);
	add_algorithms(order, sizeof(order), list, known.types, false);
	if (ssh_options_set(session, SSH_OPTIONS_HOSTKEYS, order) != SSH_OK)
		return err_set(err, ST_USAGE,
		    "ssh_config: HostKeyAlgorithms: %.200s",
		    ssh_get_error(session));
	return ST_OK;
}

static enum status
get_key(ssh_session session, const char *name, struct server_key *k,
    struct err *err)
{
	size_t len = 0;

	if (ssh_get_server_publickey(session, &k->key) != SSH_OK ||
	    ssh_pki_export_pubkey_base64(k->key, &k->base64) != SSH_OK ||
	    ssh_get_publickey_hash(k->key, SSH_PUBLICKEY_HASH_SHA256, &k->hash,
		&len) != SSH_OK)
		return err_set(err, ST_AUTH, "the host's key can't be read");
	k->fingerprint = ssh_get_fingerprint_hash(SSH_PUBLICKEY_HASH_SHA256,
	    k->hash, len);
	if (k->fingerprint == NULL)
		return err_nomem(err);
	k->known.name = name;
	k->known.type = ssh_key_type_to_char(ssh_key_type(k->key));
	k->known.key = k->base64;
	return ST_OK;
}

static enum status
refuse_known(const struct ssh_known *known, const struct server_key *k,
    const char *shown, struct err *err)
{
	const unsigned line = known->changed != 0 ? known->changed :
						    known->other;
	const char *file = known->changed != 0 ? known->changed_file :
						 known->other_file;
	char file_shown[STR_SHOW];

	if (known->revoked)
		return err_set(err, ST_AUTH,
		    "Host key verification failed: the key of %s (%s) is "
		    "revoked",
		    shown, k->fingerprint);
	if (known->authority)
		return err_set(err, ST_AUTH,
		    "Host key verification failed: %s is known by a "
		    "@cert-authority, which dsync can't check; connect with "
		    "--rsh ssh",
		    shown);
	return err_set(err, ST_AUTH,
	    "Host key verification failed: %s has another key (%s %s) than "
	    "in %s line %u; if that is right: ssh-keygen -R '%s' -f %s",
	    shown, k->known.type, k->fingerprint,
	    str_show_n(file_shown, 160, file), line, k->known.name, file_shown);
}

/* Somebody who sees the fingerprint says that it is right. */
static bool
confirmed(const struct ssh_target *target, const struct ssh_user *person,
    const struct server_key *k, const char *shown)
{
	char question[800], answer[80];
	int i;

	snprintf(question, sizeof(question),
	    "The host %s is not known.\nIts key: %s %s\n"
	    "Connect to it, and know it from now on (yes/no)? ",
	    shown, k->known.type, k->fingerprint);
	for (i = 0; i < QUESTIONS && target->may_ask; i++) {
		if (!person->ask(person->ctx, question, true, answer,
			sizeof(answer)) ||
		    strcasecmp(answer, "no") == 0)
			return false;
		if (strcasecmp(answer, "yes") == 0 ||
		    strcmp(answer, k->fingerprint) == 0)
			return true;
		snprintf(question, sizeof(question), "\"yes\" or \"no\"? ");
	}
	return false;
}

static enum status
remember(struct env *env, const struct ssh_target *target,
    const struct ssh_user *person, const struct server_key *k, struct err *err)
{
	unsigned char salt[SSH_KNOWN_SALT];
	autofree char *line = NULL;
	enum status st;

	if (target->user_files[0] == NULL)
		return ST_OK; /* UserKnownHostsFile none */
	env_random(env, salt, sizeof(salt));
	st = ssh_known_line(&k->known, target->hash_names ? salt : NULL, &line,
	    err);
	if (st == ST_OK)
		st = person->append(person->ctx, target->user_files[0], line,
		    err);
	return st;
}

enum status
ssh_hostkey_check(ssh_session session, struct env *env,
    const struct ssh_target *target, const struct ssh_user *person,
    struct err *err)
{
	__attribute__((cleanup(auto_server_key))) struct server_key k = { 0 };
	struct ssh_known known = { .trusted = false };
	char shown[STR_SHOW], port[20] = "";
	enum status st;

	st = get_key(session, target->known_name, &k, err);
	if (st == ST_OK)
		st = look(target, person, &k.known, &known, err);
	if (st != ST_OK || (known.trusted && !known.revoked))
		return st;
	str_show_n(shown, 160, target->known_name);
	if (known.revoked || known.authority || known.changed != 0 ||
	    known.other != 0)
		return refuse_known(&known, &k, shown, err);
	if (target->port != 22)
		snprintf(port, sizeof(port), "-p %u ", target->port);
	if (target->strict != SSH_STRICT_NEW &&
	    (target->strict == SSH_STRICT_YES ||
		!confirmed(target, person, &k, shown)))
		return err_set(err, ST_AUTH,
		    "host unknown: %s (%s %s); if that is its fingerprint, "
		    "say yes to dsync or \"ssh %s%.100s\" on a terminal",
		    shown, k.known.type, k.fingerprint, port, target->typed);
	return remember(env, target, person, &k, err);
}
