/* SPDX-License-Identifier: MIT */
/*
 * The world itself: chance, clock, folders, and the trace of all that is
 * decided.  Its clock stands in 2001, far before the kernel's: so no stamp is
 * ever old enough to be trusted, and what dsync reads does not depend on how
 * fast the test runs.
 */
#include "config.h"

#include <sys/stat.h>

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "model/model.h"
#include "util/str.h"

#define BEGIN (1000000000LL * NSEC)

/* splitmix64 */
uint64_t
draw(struct world *w)
{
	uint64_t z = w->random += 0x9e3779b97f4a7c15u;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return z ^ (z >> 31);
}

size_t
draw_below(struct world *w, size_t n)
{
	return n == 0 ? 0 : (size_t)(draw(w) % n);
}

bool
chance(struct world *w, unsigned percent)
{
	return draw_below(w, 100) < percent;
}

size_t
n_clients(const struct world *w)
{
	return w->n_sides - 1 - w->two;
}

bool
is_server(const struct world *w, size_t side)
{
	return side == SERVER || side > n_clients(w);
}

int64_t
side_now(const struct world *w, size_t side)
{
	return w->now + w->side[side].skew;
}

char *
show(const char *path, char buf[MODEL_FULL])
{
	char text[STR_SHOW];

	snprintf(buf, MODEL_FULL, "%s", str_show(text, path));
	return buf;
}

char *
full_path(const struct world *w, size_t side, const char *path,
    char buf[MODEL_FULL])
{
	snprintf(buf, MODEL_FULL, "%s/%s", w->side[side].path, path);
	return buf;
}

bool
path_is_below(const char *path, const char *folder)
{
	size_t len = strlen(folder);

	return len == 0 ||
	    (strncmp(path, folder, len) == 0 && path[len] == '/');
}

void
trace(struct world *w, const char *fmt, ...)
{
	char line[1024];
	va_list ap;
	size_t i;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(line, sizeof(line) - 1, fmt, ap);
	va_end(ap);
	if (n < 0)
		abort();
	if ((size_t)n > sizeof(line) - 2)
		n = sizeof(line) - 2;
	line[n++] = '\n';
	for (i = 0; i < (size_t)n; i++)
		w->trace = (w->trace ^ (uint8_t)line[i]) * 0x100000001b3u;
	if (w->verbose)
		fwrite(line, 1, (size_t)n, stdout);
	else if (buf_put(&w->text, line, (size_t)n) != ST_OK)
		abort();
}

void
fail(struct world *w, const char *fmt, ...)
{
	va_list ap;

	if (w->failed)
		return;
	w->failed = true;
	va_start(ap, fmt);
	vsnprintf(w->failure, sizeof(w->failure), fmt, ap);
	va_end(ap);
	trace(w, "FAILED: %s", w->failure);
}

static int64_t
draw_skew(struct world *w)
{
	static const int64_t scale[] = { NSEC / 1000, NSEC, 60 * NSEC,
		1800 * NSEC };
	int64_t skew;

	if (chance(w, 70))
		return 0;
	skew = (int64_t)(draw(w) % 4000) - 2000;
	return skew * scale[draw_below(w, 4)] / 1000;
}

struct world *
world_new(uint64_t seed, const char *temp, bool verbose)
{
	struct world *w = calloc(1, sizeof(*w));
	size_t i;

	if (w == NULL)
		abort();
	w->seed = seed;
	w->random = seed * 0x2545f4914f6cdd1du + 1;
	/* None of those in the file seeds: they go the way they went. */
	w->notes = seed % 7 == 6;
	w->live = seed >= LIVE_SEEDS;
	w->two = seed >= TWO_SEEDS;
	w->trace = 0xcbf29ce484222325u;
	w->verbose = verbose;
	w->now = BEGIN;
	w->access = ACCESS_FULL;
	w->n_sides = 2 + w->two;
	snprintf(w->folder, sizeof(w->folder), "%s", temp);
	for (i = 0; i < SIDES; i++) {
		snprintf(w->side[i].path, sizeof(w->side[i].path), "%s/%c",
		    temp, "SABC"[i]);
		w->side[i].skew = draw_skew(w);
		remove_all(w->side[i].path);
		if (mkdir(w->side[i].path, 0700) == -1)
			abort();
	}
	return w;
}

void
world_free(struct world *w)
{
	size_t i;

	for (i = 0; i < SIDES; i++) {
		remove_all(w->side[i].path);
		tree_free(&w->side[i].known);
		free(w->side[i].stored);
		free(w->side[i].touched);
	}
	contents_free(w);
	free(w->seen.v);
	free(w->removed.v);
	free(w->clashed.v);
	buf_fini(&w->text);
	free(w);
}
