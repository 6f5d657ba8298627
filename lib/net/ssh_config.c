/* SPDX-License-Identifier: MIT */
/*
 * A reader of ssh_config of its own, because libssh's (0.10) is not the same
 * as ssh's: it matches Host against the name that HostName put in its place,
 * so that a block for one host is applied to another; it passes over what
 * narrows trust (RevokedHostKeys, IdentitiesOnly, HostKeyAlias); it cuts lines
 * at 1024 bytes; and a Match that it does not know ends the file unread.
 *
 * A condition is met, not met, or not for us to say (Match exec).  Under the
 * last kind nothing may stand that matters and is not yet decided.
 */
#include "config.h"

#include "net/ssh_config.h"

#include <string.h>
#include <strings.h>

#include "net/ssh_keyword.h"
#include "net/ssh_line.h"
#include "net/ssh_match.h"
#include "util/str.h"

#define DEPTH 16 /* of files that include files; as ssh */

enum meets {
	MEETS_NOT,
	MEETS_MAYBE,
	MEETS
};

struct words {
	char **list; /* NULL at the end */
	size_t n;
};

struct ssh_config {
	const struct ssh_config_who *who;
	ssh_config_include *include;
	void *ctx;
	struct words said[SSH_SETTINGS];
	bool settled[SSH_KEYWORDS]; /* of those that may be refused */
	enum meets meets; /* what stands above the line being read */
	enum meets outside; /* and above the Include of its file */
	unsigned depth;
	bool placed; /* the error names the file and line */
};

enum status
ssh_config_new(const struct ssh_config_who *who, ssh_config_include *include,
    void *ctx, struct ssh_config **ret)
{
	struct ssh_config *config = calloc(1, sizeof(*config));

	if (config == NULL)
		return ST_NOMEM;
	config->who = who;
	config->include = include;
	config->ctx = ctx;
	config->meets = MEETS;
	config->outside = MEETS;
	*ret = config;
	return ST_OK;
}

void
ssh_config_free(struct ssh_config *config)
{
	size_t i, j;

	if (config == NULL)
		return;
	for (i = 0; i < SSH_SETTINGS; i++) {
		for (j = 0; j < config->said[i].n; j++)
			free(config->said[i].list[j]);
		free(config->said[i].list);
	}
	free(config);
}

static enum status
words_add(struct words *words, const char *word)
{
	char **grown = reallocarray(words->list, words->n + 2, sizeof(*grown));

	if (grown == NULL)
		return ST_NOMEM;
	words->list = grown;
	words->list[words->n] = strdup(word);
	words->list[words->n + 1] = NULL;
	if (words->list[words->n] == NULL)
		return ST_NOMEM;
	words->n++;
	return ST_OK;
}

static enum meets
negated(enum meets meets)
{
	return meets == MEETS ? MEETS_NOT : meets == MEETS_NOT ? MEETS : meets;
}

static enum meets
meets_list(const char *list, const char *text)
{
	return ssh_match_list(list, text) == SSH_MATCH_YES ? MEETS : MEETS_NOT;
}

/* Host: patterns as words; one with a "!" that matches rules all out. */
static enum meets
meets_host(const struct ssh_line *line, const char *host)
{
	enum meets meets = MEETS_NOT;
	size_t i;

	for (i = 0; i < line->n_words; i++) {
		const char *word = line->words[i];

		if (!ssh_match_one(word + (*word == '!'), host))
			continue;
		if (*word == '!')
			return MEETS_NOT;
		meets = MEETS;
	}
	return meets;
}

/* The name that we would connect to, as far as is known by now. */
static const char *
host_by_now(const struct ssh_config *config)
{
	const char *name = ssh_config_word(config, SSH_SET_HOSTNAME);

	/* "HostName %h.example.org": whoever needs that needs ssh. */
	return name == NULL	      ? config->who->host :
	    strchr(name, '%') != NULL ? NULL :
					name;
}

static const char *
user_by_now(const struct ssh_config *config)
{
	const char *name = ssh_config_word(config, SSH_SET_USER);

	return config->who->user != NULL ? config->who->user :
	    name != NULL		 ? name :
					   config->who->local_user;
}

/* One criterion of a Match, and the list behind it. */
static enum meets
meets_criterion(const struct ssh_config *config, const char *name,
    const char *list)
{
	const char *host = host_by_now(config);

	if (strcasecmp(name, "host") == 0)
		return host == NULL ? MEETS_MAYBE : meets_list(list, host);
	if (strcasecmp(name, "originalhost") == 0)
		return meets_list(list, config->who->host);
	if (strcasecmp(name, "user") == 0)
		return meets_list(list, user_by_now(config));
	if (strcasecmp(name, "localuser") == 0)
		return meets_list(list, config->who->local_user);
	return MEETS_MAYBE;
}

static enum meets
both(enum meets a, enum meets b)
{
	return a < b ? a : b;
}

/* All must be met; what we can't decide leaves it open, unless one is not. */
static enum status
meets_match(const struct ssh_config *config, const struct ssh_line *line,
    enum meets *ret, struct err *err)
{
	enum meets all = config->outside, one;
	size_t i;

	for (i = 0; i < line->n_words; i++) {
		const char *name = line->words[i];
		bool turned = *name == '!';

		name += turned;
		if (strcasecmp(name, "all") == 0) {
			one = MEETS;
		} else if (strcasecmp(name, "canonical") == 0) {
			one = MEETS_NOT; /* we canonicalize nothing */
		} else if (strcasecmp(name, "final") == 0) {
			one = MEETS_MAYBE;
		} else if (i + 1 == line->n_words) {
			return err_set(err, ST_USAGE,
			    "Match: something is missing");
		} else {
			i++;
			one = meets_criterion(config, name, line->words[i]);
		}
		one = turned ? negated(one) : one;
		all = both(all, one);
	}
	*ret = all;
	return ST_OK;
}

static enum status
take_include(struct ssh_config *config, const struct ssh_line *line,
    struct err *err)
{
	enum status st = ST_OK;
	size_t i;

	if (config->meets == MEETS_NOT)
		return ST_OK;
	if (config->depth == DEPTH)
		return err_set(err, ST_USAGE, "too many files in files");
	config->depth++;
	for (i = 0; i < line->n_words && st == ST_OK; i++)
		st = config->include(config->ctx, config, line->words[i], err);
	config->depth--;
	return st;
}

static enum status
refuse(const struct ssh_keyword *keyword, struct err *err)
{
	return err_set(err, ST_USAGE,
	    "dsync can't follow %s by itself; connect with --rsh ssh",
	    keyword->name);
}

/* True if it has been said already; ProxyJump is a kind of ProxyCommand. */
static bool
is_said(const struct ssh_config *config, const struct ssh_keyword *keyword)
{
	if (keyword->kind == SSH_KEYWORD_ADD)
		return false;
	if (keyword->setting == SSH_SET_PROXY_COMMAND &&
	    config->said[SSH_SET_PROXY_JUMP].n > 0)
		return true;
	if (keyword->setting == SSH_SET_PROXY_JUMP &&
	    config->said[SSH_SET_PROXY_COMMAND].n > 0)
		return true;
	return config->said[keyword->setting].n > 0;
}

/* Keeps what the line says, if it is the first to say so. */
static enum status
keep(struct ssh_config *config, const struct ssh_keyword *keyword,
    const struct ssh_line *line, struct err *err)
{
	struct words *said = &config->said[keyword->setting];
	enum status st = ST_OK;
	size_t i;

	if (is_said(config, keyword))
		return ST_OK;
	if (config->meets == MEETS_MAYBE)
		return err_set(err, ST_USAGE,
		    "dsync can't decide the Match above this %s; "
		    "connect with --rsh ssh",
		    keyword->name);
	if (line->words[0] == NULL || *line->words[0] == '\0')
		return err_set(err, ST_USAGE, "%s: nothing is said",
		    keyword->name);
	if (keyword->kind == SSH_KEYWORD_RAW)
		st = words_add(said, line->rest);
	else
		for (i = 0; i < line->n_words && st == ST_OK; i++)
			st = words_add(said, line->words[i]);
	return st == ST_OK ? st : err_nomem(err);
}

static enum status
take_known(struct ssh_config *config, const struct ssh_keyword *keyword,
    size_t index, const struct ssh_line *line, struct err *err)
{
	switch (keyword->kind) {
	case SSH_KEYWORD_HOST:
		config->meets = both(config->outside,
		    meets_host(line, config->who->host));
		return ST_OK;
	case SSH_KEYWORD_MATCH:
		return meets_match(config, line, &config->meets, err);
	case SSH_KEYWORD_INCLUDE:
		return take_include(config, line, err);
	case SSH_KEYWORD_KEEP:
	case SSH_KEYWORD_ADD:
	case SSH_KEYWORD_RAW:
		if (config->meets == MEETS_NOT)
			return ST_OK;
		return keep(config, keyword, line, err);
	case SSH_KEYWORD_REFUSE:
		if (config->meets == MEETS_NOT || config->settled[index])
			return ST_OK;
		if (keyword->harmless == NULL || line->n_words != 1 ||
		    strcasecmp(line->words[0], keyword->harmless) != 0)
			return refuse(keyword, err);
		config->settled[index] = config->meets == MEETS;
		return ST_OK;
	case SSH_KEYWORD_PASS:
	default:
		return ST_OK;
	}
}

static enum status
take_unknown(const struct ssh_config *config, const char *keyword,
    struct err *err)
{
	const char *const *list = ssh_config_words(config,
	    SSH_SET_IGNORE_UNKNOWN);
	char shown[STR_SHOW];

	for (; list != NULL && *list != NULL; list++) {
		if (ssh_match_list(*list, keyword) == SSH_MATCH_YES)
			return ST_OK;
	}
	if (config->meets == MEETS_NOT)
		return ST_OK;
	return err_set(err, ST_USAGE,
	    "dsync does not know %s; connect with --rsh ssh",
	    str_show(shown, keyword));
}

static enum status
take_line(struct ssh_config *config, const char *text, size_t len,
    struct err *err)
{
	AUTO(ssh_line) struct ssh_line *line = NULL;
	const struct ssh_keyword *keyword;
	enum status st;
	size_t index;

	st = ssh_line_parse(text, len, &line, err);
	if (st != ST_OK || line->keyword == NULL)
		return st;
	keyword = ssh_keyword_find(line->keyword, &index);
	if (keyword == NULL)
		return take_unknown(config, line->keyword, err);
	if (keyword->kind == SSH_KEYWORD_PASS)
		return ST_OK;
	if (keyword->kind != SSH_KEYWORD_RAW)
		st = ssh_line_cut(line, err);
	else
		line->words[0] = line->rest;
	if (st == ST_OK)
		st = take_known(config, keyword, index, line, err);
	return st;
}

enum status
ssh_config_parse(struct ssh_config *config, const char *name, const char *text,
    struct err *err)
{
	const enum meets outside = config->meets, before = config->outside;
	char shown[STR_SHOW];
	enum status st = ST_OK;
	unsigned line = 0;

	config->outside = outside;
	while (*text != '\0' && st == ST_OK) {
		size_t len = strcspn(text, "\n");

		line++;
		st = take_line(config, text, len, err);
		text += len;
		text += *text == '\n';
	}
	config->meets = outside;
	config->outside = before;
	if (st != ST_OK && !config->placed) {
		struct err why = *err;

		config->placed = true;
		err_set(err, why.code, "%s line %u: %.400s",
		    str_show_n(shown, 160, name), line, why.text);
	}
	return st;
}

const char *const *
ssh_config_words(const struct ssh_config *config, enum ssh_setting setting)
{
	return (const char *const *)config->said[setting].list;
}

const char *
ssh_config_word(const struct ssh_config *config, enum ssh_setting setting)
{
	return config->said[setting].n == 0 ? NULL :
					      config->said[setting].list[0];
}

bool
ssh_config_yes(const struct ssh_config *config, enum ssh_setting setting,
    bool otherwise)
{
	const char *word = ssh_config_word(config, setting);

	if (word == NULL)
		return otherwise;
	return strcasecmp(word, "yes") == 0 || strcasecmp(word, "true") == 0;
}
