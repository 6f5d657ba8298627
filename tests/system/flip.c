/* SPDX-License-Identifier: MIT */
/*
 * Somebody who wants a program that works in FOLDER to work elsewhere.
 *
 *	flip STOP FOLDER TARGET NAME...
 *
 * Beside each NAME, a path below FOLDER, it makes a symlink to TARGET/NAME,
 * under a hidden name, and exchanges the two as fast as it can until there is a
 * file STOP.  Then NAME is what it was, and the number of exchanges is printed.
 */
#include "config.h"

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MANY 16

struct flip {
	char name[PATH_MAX];
	char beside[PATH_MAX];
	char target[PATH_MAX];
};

static void
die(const char *what)
{
	fprintf(stderr, "flip: %s: %s\n", what, strerror(errno));
	exit(99);
}

static void
fill(struct flip *f, const char *folder, const char *target, const char *name)
{
	const char *slash = strrchr(name, '/');
	const int dir = slash == NULL ? 0 : (int)(slash + 1 - name);

	if (snprintf(f->name, PATH_MAX, "%s/%s", folder, name) >= PATH_MAX ||
	    snprintf(f->beside, PATH_MAX, "%s/%.*s.flip-%s", folder, dir, name,
		name + dir) >= PATH_MAX ||
	    snprintf(f->target, PATH_MAX, "%s/%s", target, name) >= PATH_MAX)
		die("a path is too long");
}

static bool
is_link(const char *path)
{
	struct stat sb;

	return lstat(path, &sb) == 0 && S_ISLNK(sb.st_mode);
}

static bool
is_there(const char *path)
{
	struct stat sb;

	return lstat(path, &sb) == 0;
}

/* Others take, make and replace these, too: one of the two is to be a link. */
static void
set_up(const struct flip *f)
{
	if (is_link(f->name)) {
		if (is_link(f->beside) || !is_there(f->beside))
			(void)!unlink(f->name);
	} else if (!is_link(f->beside)) {
		(void)!unlink(f->beside);
		(void)!symlink(f->target, f->beside);
	}
}

static bool
turn(const struct flip *f)
{
	set_up(f);
	if (renameat2(AT_FDCWD, f->beside, AT_FDCWD, f->name,
		RENAME_EXCHANGE) == 0)
		return true;
	(void)!renameat2(AT_FDCWD, f->beside, AT_FDCWD, f->name,
	    RENAME_NOREPLACE);
	return false;
}

/* As it was: no symlink stays where dsync would look. */
static void
finish(const struct flip *f)
{
	if (is_link(f->name) && unlink(f->name) == -1)
		die(f->name);
	if (is_link(f->beside) && unlink(f->beside) == -1)
		die(f->beside);
	(void)!renameat2(AT_FDCWD, f->beside, AT_FDCWD, f->name,
	    RENAME_NOREPLACE);
}

int
main(int argc, char **argv)
{
	struct flip *flips = calloc(MANY, sizeof(*flips));
	long done = 0;
	int i, n = argc - 4;

	if (flips == NULL || n < 1 || n > MANY)
		die("usage: flip STOP FOLDER TARGET NAME...");
	for (i = 0; i < n; i++)
		fill(&flips[i], argv[2], argv[3], argv[i + 4]);
	while (access(argv[1], F_OK) == -1)
		for (i = 0; i < n; i++)
			done += turn(&flips[i]);
	for (i = n; i-- > 0;)
		finish(&flips[i]);
	printf("%ld\n", done);
	free(flips);
	return 0;
}
