/* SPDX-License-Identifier: MIT */
/*
 * Patterns come from files that anybody may have written, so no pattern may
 * make matching explode.  Each is compiled to a row of steps; matching walks
 * them and remembers only two places to go back to: the last "*", which takes
 * one byte more, and the last "**", which takes one folder more.  Earlier
 * ones need no second chance: what they could still skip, the last can too.
 */
#include "config.h"

#include "core/glob.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* Steps: a byte that must be there, one of these, or a set from STEP_SET on. */
enum {
	STEP_ANY = 256, /* "?" */
	STEP_STAR, /* "*" */
	STEP_FOLDERS, /* double star and slash */
	STEP_REST, /* double star at the end */
	STEP_SET,
};

struct set {
	uint8_t has[256 / 8];
};

struct glob {
	size_t n;
	uint16_t *steps;
	struct set *sets;
};

/* The pattern being read; p[len] is not looked at. */
struct source {
	const char *p;
	size_t len;
	size_t at;
	size_t sets; /* so far */
};

static int
peek(const struct source *src, size_t ahead)
{
	size_t i = src->at + ahead;

	return i < src->len ? (uint8_t)src->p[i] : -1;
}

static void
set_add(struct set *set, int first, int last)
{
	for (; first <= last; first++)
		set->has[first / 8] |= (uint8_t)(1u << first % 8);
}

static bool
set_has(const struct set *set, uint8_t c)
{
	return (set->has[c / 8] >> c % 8 & 1) != 0;
}

/* The POSIX classes, in ASCII whatever the locale. */
static bool
set_add_class(struct set *set, const char *name, size_t len)
{
	static const struct {
		const char *name;
		const char *ranges; /* pairs of first and last */
	} classes[] = {
		{ "alnum", "09AZaz" },
		{ "alpha", "AZaz" },
		{ "blank", "  \t\t" },
		{ "cntrl", "\x01\x1f\x7f\x7f" },
		{ "digit", "09" },
		{ "graph", "!~" },
		{ "lower", "az" },
		{ "print", " ~" },
		{ "punct", "!/:@[`{~" },
		{ "space", "  \t\r" },
		{ "upper", "AZ" },
		{ "xdigit", "09AFaf" },
	};
	const char *r;
	size_t i;

	for (i = 0; i < sizeof(classes) / sizeof(classes[0]); i++) {
		if (strlen(classes[i].name) != len ||
		    memcmp(classes[i].name, name, len) != 0)
			continue;
		for (r = classes[i].ranges; *r != '\0'; r += 2)
			set_add(set, r[0], r[1]);
		return true;
	}
	return false;
}

/*
 * At "[:" inside a set: 1 if a class was read, 0 if the "[" stands for
 * itself, -1 if the pattern is broken.
 */
static int
read_class(struct source *src, struct set *set)
{
	const char *name = src->p + src->at + 2;
	size_t left, len;
	const char *end;

	if (peek(src, 1) != ':')
		return 0;
	left = src->len - src->at - 2;
	end = memchr(name, ']', left);
	if (end == NULL)
		return -1;
	len = (size_t)(end - name);
	if (len == 0 || name[len - 1] != ':')
		return 0;
	if (!set_add_class(set, name, len - 1))
		return -1;
	src->at += 2 + len + 1;
	return 1;
}

/* One byte, or the byte after a backslash; -1 at the end. */
static int
read_byte(struct source *src)
{
	if (peek(src, 0) == '\\')
		src->at++;
	return src->at < src->len ? (uint8_t)src->p[src->at++] : -1;
}

/*
 * One member of a set: a class, the rest of a range that began with *prev, or
 * a byte.  *prev becomes the byte, or -1 if no range can begin there.
 */
static bool
read_member(struct source *src, struct set *set, int *prev)
{
	int c = peek(src, 0), class;

	if (c == '[') {
		class = read_class(src, set);
		if (class != 0) {
			*prev = -1;
			return class == 1;
		}
	}
	if (c == '-' && *prev != -1 && peek(src, 1) != -1 &&
	    peek(src, 1) != ']') {
		src->at++;
		c = read_byte(src);
		if (c != -1)
			set_add(set, *prev, c);
		*prev = -1;
		return c != -1;
	}
	*prev = c = read_byte(src);
	if (c != -1)
		set_add(set, c, c);
	return c != -1;
}

/* After "[": the set up to its "]".  A "]" in first place is a member. */
static bool
read_set(struct source *src, struct set *set)
{
	bool negated = peek(src, 0) == '!' || peek(src, 0) == '^';
	int prev = -1;
	size_t i;

	memset(set, 0, sizeof(*set));
	src->at += negated;
	do {
		if (!read_member(src, set, &prev))
			return false;
	} while (peek(src, 0) != ']');
	src->at++;
	for (i = 0; negated && i < sizeof(set->has); i++)
		set->has[i] ^= 0xff;
	set->has['/' / 8] &= (uint8_t) ~(1u << '/' % 8);
	return true;
}

/* After the first star: all the stars, and the slash after a double one. */
static int
read_stars(struct source *src)
{
	size_t first = src->at - 1;
	bool alone = first == 0 || src->p[first - 1] == '/';

	while (peek(src, 0) == '*')
		src->at++;
	if (!alone || src->at - first < 2)
		return STEP_STAR;
	if (peek(src, 0) == '/') {
		src->at++;
		return STEP_FOLDERS;
	}
	return src->at == src->len ? STEP_REST : STEP_STAR;
}

/* The next step, or -1 if the pattern is broken. */
static int
read_step(struct source *src, struct set *sets)
{
	int c = peek(src, 0);

	if (c == '\\')
		return read_byte(src);
	src->at++;
	if (c == '?')
		return STEP_ANY;
	if (c == '*')
		return read_stars(src);
	if (c != '[')
		return c;
	if (!read_set(src, &sets[src->sets]))
		return -1;
	return STEP_SET + (int)src->sets++;
}

/* Room for as many steps as there are bytes, and sets as there are "[". */
static struct glob *
allocate(const char *pattern, size_t len)
{
	struct glob *glob;
	size_t i, sets = 0;

	for (i = 0; i < len; i++)
		sets += pattern[i] == '[';
	glob = malloc(sizeof(*glob) + len * sizeof(*glob->steps) +
	    sets * sizeof(*glob->sets));
	if (glob == NULL)
		return NULL;
	glob->n = 0;
	glob->steps = (uint16_t *)(glob + 1);
	glob->sets = (struct set *)(glob->steps + len);
	return glob;
}

enum status
glob_new(const char *pattern, size_t len, struct glob **ret)
{
	struct source src = { .p = pattern, .len = len };
	AUTO(glob) struct glob *glob = NULL;
	int step;

	if (len == 0 || len > GLOB_LIMIT)
		return ST_USAGE;
	glob = allocate(pattern, len);
	if (glob == NULL)
		return ST_NOMEM;
	while (src.at < src.len) {
		step = read_step(&src, glob->sets);
		if (step == -1)
			return ST_USAGE;
		glob->steps[glob->n++] = (uint16_t)step;
	}
	*ret = glob;
	glob = NULL;
	return ST_OK;
}

void
glob_free(struct glob *glob)
{
	free(glob);
}

static bool
step_takes(const struct glob *glob, unsigned step, char c)
{
	if (step < 256)
		return step == (uint8_t)c;
	if (step == STEP_ANY)
		return c != '/';
	return set_has(&glob->sets[step - STEP_SET], (uint8_t)c);
}

/* A place to go back to: the step after a star, and what it left over. */
struct mark {
	size_t step;
	const char *s; /* NULL: no star yet */
};

struct place {
	size_t step;
	const char *s;
	struct mark star;
	struct mark folders;
};

/* Gives the last star one byte more, or the last double one a folder more. */
static bool
go_back(struct place *at, const char *end)
{
	const char *slash;

	if (at->star.s != NULL && at->star.s < end && *at->star.s != '/') {
		at->s = ++at->star.s;
		at->step = at->star.step;
		return true;
	}
	if (at->folders.s == NULL)
		return false;
	slash = memchr(at->folders.s, '/', (size_t)(end - at->folders.s));
	if (slash == NULL)
		return false;
	at->s = at->folders.s = slash + 1;
	at->step = at->folders.step;
	at->star.s = NULL;
	return true;
}

bool
glob_match(const struct glob *glob, const char *s, size_t len)
{
	struct place at = { .s = s };
	const char *end = s + len;
	unsigned step;

	for (;;) {
		step = at.step < glob->n ? glob->steps[at.step] : 0;
		if (step == STEP_REST || (at.step == glob->n && at.s == end))
			return true;
		if (step == STEP_STAR) {
			at.star = (struct mark){ ++at.step, at.s };
		} else if (step == STEP_FOLDERS) {
			at.folders = (struct mark){ ++at.step, at.s };
			at.star.s = NULL;
		} else if (at.step < glob->n && at.s < end &&
		    step_takes(glob, step, *at.s)) {
			at.step++;
			at.s++;
		} else if (!go_back(&at, end)) {
			return false;
		}
	}
}
