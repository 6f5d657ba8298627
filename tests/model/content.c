/* SPDX-License-Identifier: MIT */
/*
 * Contents.  The first line of each says which it is: "# seed:number:size".
 * So whatever stands in a file later is one of them, whole, or it is wrong.
 */
#include "config.h"

#include <sys/stat.h>

#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "model/model.h"

/* Every line is a comment, so that rules can be told to be contents, too. */
static void
fill(struct world *w, size_t id, enum content_kind kind)
{
	static const char *const rules[] = { "b", "c/", "*.x", "/a", "!b" };
	struct content *c = &w->contents[id];
	const unsigned own = w->notes ? 41 : 7;
	char line[160];
	size_t used = 0, n;
	unsigned k;
	int len;

	for (k = 0; used < c->size; k++) {
		if (k == 0)
			len = snprintf(line, sizeof(line),
			    "# %" PRIu64 ":%zu:%zu\n", w->seed, id, c->size);
		else if (k == 1 && kind == CONTENT_RULES)
			len = snprintf(line, sizeof(line), "%s\n",
			    rules[draw_below(w, 5)]);
		else
			len = snprintf(line, sizeof(line), "# line %u, %s\n", k,
			    k % 3 ? "which is as it was" : "of this one");
		n = (size_t)len;
		if (n > c->size - used)
			n = c->size - used;
		memcpy(c->data + used, line, n);
		used += n;
		/* Far into a large one, each has bytes of its own again. */
		if (k % own == 6 && used > 0)
			c->data[used - 2] = (uint8_t)('a' + (id * 31 + k) % 26);
	}
	if (kind == CONTENT_BINARY)
		c->data[c->size - 1] = 0;
	else
		c->data[c->size - 1] = '\n';
}

int
content_new(struct world *w, enum content_kind kind, size_t size)
{
	AUTO(hasher) struct hasher *hasher = NULL;
	struct content *c;
	size_t cap = w->cap_contents == 0 ? 64 : w->cap_contents * 2;

	if (w->n_contents == w->cap_contents) {
		w->contents = reallocarray(w->contents, cap,
		    sizeof(*w->contents));
		if (w->contents == NULL)
			abort();
		w->cap_contents = cap;
	}
	c = &w->contents[w->n_contents];
	*c = (struct content){ .size = size < 64 ? 64 : size };
	c->data = malloc(c->size);
	if (c->data == NULL)
		abort();
	fill(w, w->n_contents, kind);
	if (hasher_new(&hasher) != ST_OK ||
	    hasher_once(hasher, c->data, c->size, &c->hash) != ST_OK)
		abort();
	return (int)w->n_contents++;
}

void
contents_free(struct world *w)
{
	size_t i;

	for (i = 0; i < w->n_contents; i++)
		free(w->contents[i].data);
	free(w->contents);
}

static bool
same_data(const struct content *c, int fd)
{
	uint8_t *buf = malloc(c->size + 1);
	size_t used = 0;
	ssize_t n = 1;
	bool same;

	if (buf == NULL)
		abort();
	while (n > 0 && used < c->size + 1) {
		n = pread(fd, buf + used, c->size + 1 - used, (off_t)used);
		used += n > 0 ? (size_t)n : 0;
	}
	same = used == c->size && memcmp(buf, c->data, used) == 0;
	free(buf);
	return same;
}

/* Which contents the file has; whole: by all its bytes, not its first line. */
int
content_at(struct world *w, const char *full, bool whole)
{
	int fd = open(full, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	int id = NO_CONTENT;
	uint64_t seed = 0;
	size_t number = 0, size = 0;
	char head[80];
	struct stat st;
	ssize_t n;

	if (fd == -1)
		return NO_CONTENT;
	n = pread(fd, head, sizeof(head) - 1, 0);
	head[n > 0 ? n : 0] = '\0';
	if (sscanf(head, "# %" SCNu64 ":%zu:%zu", &seed, &number, &size) == 3 &&
	    seed == w->seed && number < w->n_contents &&
	    size == w->contents[number].size && fstat(fd, &st) == 0 &&
	    (size_t)st.st_size == size &&
	    (!whole || same_data(&w->contents[number], fd)))
		id = (int)number;
	close(fd);
	return id;
}
