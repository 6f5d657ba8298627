/* SPDX-License-Identifier: MIT */
/*
 * A line as a pattern, and the rest as a path.  Held against a matcher that
 * reads the pattern while it matches, tries all ways, and only remembers
 * which of them were tried.
 */
#include "config.h"

#include <stdio.h>

#include "core/glob.h"
#include "fuzz.h"
#include "util/auto.h"

#define MOST 80 /* bytes of each that all ways are tried for */

struct
try {
	const uint8_t *p;
	size_t n; /* of the pattern */
	const uint8_t *s;
	size_t len;
	bool failed[MOST + 1][MOST + 1];
};

static bool
in_class(const char *name, uint8_t c)
{
	const bool low = c >= 'a' && c <= 'z', up = c >= 'A' && c <= 'Z';
	const bool digit = c >= '0' && c <= '9';
	const bool graph = c > ' ' && c < 0x7f;
	const struct {
		const char *name;
		bool is;
	} classes[] = {
		{ "alnum", low || up || digit },
		{ "alpha", low || up },
		{ "blank", c == ' ' || c == '\t' },
		{ "cntrl", (c > 0 && c < ' ') || c == 0x7f },
		{ "digit", digit },
		{ "graph", graph },
		{ "lower", low },
		{ "print", graph || c == ' ' },
		{ "punct", graph && !low && !up && !digit },
		{ "space", c == ' ' || (c >= '\t' && c <= '\r') },
		{ "upper", up },
		{ "xdigit",
		    digit || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F') },
	};
	size_t i;

	for (i = 0; i < sizeof(classes) / sizeof(classes[0]); i++)
		if (strcmp(classes[i].name, name) == 0)
			return classes[i].is;
	abort();
}

static bool
is_class(const char *name)
{
	static const char all[] = " alnum alpha blank cntrl digit graph lower "
				  "print punct space upper xdigit ";
	char word[16];

	return snprintf(word, sizeof(word), " %s ", name) > 2 &&
	    strchr(name, ' ') == NULL && strlen(word) < sizeof(word) - 1 &&
	    strstr(all, word) != NULL;
}

/* "[:name:]" at p[i]: where it ends, 0 if there is none; broken: SIZE_MAX. */
static size_t
class_at(const uint8_t *p, size_t n, size_t i, char name[16])
{
	size_t end = i + 2, len;

	if (i + 1 >= n || p[i] != '[' || p[i + 1] != ':')
		return 0;
	while (end < n && p[end] != ']')
		end++;
	if (end == n)
		return SIZE_MAX;
	len = end - i - 2;
	if (len == 0 || p[end - 1] != ':')
		return 0;
	len--;
	memset(name, 0, 16);
	if (len > 15 || memchr(p + i + 2, '\0', len) != NULL)
		return SIZE_MAX;
	memcpy(name, p + i + 2, len);
	return is_class(name) ? end + 1 : SIZE_MAX;
}

/* A byte of a set, from p[*i] on; -1 if there is none. */
static int
member_at(const uint8_t *p, size_t n, size_t *i)
{
	if (*i < n && p[*i] == '\\')
		++*i;
	return *i < n ? p[(*i)++] : -1;
}

/* The set behind p[i - 1]: where it ends, or SIZE_MAX; has it c? */
static size_t
set_at(const uint8_t *p, size_t n, size_t i, uint8_t c, bool *ret)
{
	const bool turned = i < n && (p[i] == '!' || p[i] == '^');
	bool has = false, first = true;
	char name[16];
	int from, to;
	size_t end;

	for (i += turned; first || i >= n || p[i] != ']'; first = false) {
		end = class_at(p, n, i, name);
		if (i >= n || end == SIZE_MAX)
			return SIZE_MAX;
		if (end > 0) {
			has |= in_class(name, c);
			i = end;
			continue;
		}
		from = to = member_at(p, n, &i);
		if (i + 1 < n && p[i] == '-' && p[i + 1] != ']') {
			i++;
			to = member_at(p, n, &i);
		}
		if (from == -1 || to == -1)
			return SIZE_MAX;
		has |= c == from || (c >= from && c <= to);
	}
	*ret = has != turned && c != '/';
	return i + 1;
}

static bool
sound(const uint8_t *p, size_t n)
{
	size_t i = 0;
	bool any;

	while (i < n) {
		if (p[i] == '[')
			i = set_at(p, n, i + 1, 0, &any);
		else
			i += p[i] == '\\' ? 2 : 1;
	}
	return n > 0 && i == n;
}

static bool match(struct try *t, size_t i, size_t at);

/* At stars: each place in the path where the rest may go on. */
static bool
match_stars(struct try *t, size_t i, size_t at)
{
	const bool first = i == 0 || t->p[i - 1] == '/';
	size_t end = i, from = at;
	bool deep;

	while (end < t->n && t->p[end] == '*')
		end++;
	deep = first && end - i >= 2 && (end == t->n || t->p[end] == '/');
	if (deep && end == t->n)
		return true;
	for (; at <= t->len; at++) {
		const bool begins = at == from || t->s[at - 1] == '/';

		if (!deep && begins && at > from)
			return false;
		if ((begins || !deep) && match(t, end + deep, at))
			return true;
	}
	return false;
}

static bool
match_byte(struct try *t, size_t i, size_t at)
{
	const uint8_t c = t->s[at];
	bool has = false;

	if (t->p[i] == '[') {
		i = set_at(t->p, t->n, i + 1, c, &has);
		return has && match(t, i, at + 1);
	}
	if (t->p[i] == '?')
		return c != '/' && match(t, i + 1, at + 1);
	i += t->p[i] == '\\';
	return t->p[i] == c && match(t, i + 1, at + 1);
}

static bool
match(struct try *t, size_t i, size_t at)
{
	bool is;

	if (t->failed[i][at])
		return false;
	if (i < t->n && t->p[i] == '*')
		is = match_stars(t, i, at);
	else if (i == t->n || at == t->len)
		is = i == t->n && at == t->len;
	else
		is = match_byte(t, i, at);
	t->failed[i][at] = !is;
	return is;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *eol = memchr(data, '\n', size);
	AUTO(glob) struct glob *glob = NULL;
	struct try t = { .p = data };
	bool is;

	if (eol == NULL)
		return 0;
	t.n = (size_t)(eol - data);
	t.s = eol + 1;
	t.len = size - t.n - 1;
	FUZZ_CHECK((glob_new((const char *)data, t.n, &glob) == ST_OK) ==
	    (sound(t.p, t.n) && t.n <= GLOB_LIMIT));
	if (glob == NULL)
		return 0;
	is = glob_match(glob, (const char *)t.s, t.len);
	if (t.n <= MOST && t.len <= MOST)
		FUZZ_CHECK(match(&t, 0, 0) == is);
	return 0;
}
