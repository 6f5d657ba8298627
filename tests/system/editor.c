/* SPDX-License-Identifier: MIT */
/*
 * An editor that saves as fast as it can while somebody else replaces the
 * same files, and writes down what became of its saves.
 *
 *	editor FOLDER FILES SAVES LOG STOP
 *
 * It saves SAVES times, and goes on until there is a file STOP.  Save I goes into FOLDER/f(I mod FILES).md and reads "save I\n".  It is
 * written beside the file, under a hidden name, and exchanged with it: so the
 * editor has in its hand what it displaced, and knows that for sure.  LOG gets
 * "saved I", and "displaced J" for each of its own saves that came out.  A
 * save that was never displaced by the editor has to be found elsewhere.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PATH_SIZE    4096
#define VERSION_SIZE 64

struct editor {
	char beside[PATH_SIZE];
	char file[PATH_SIZE];
	FILE *log;
};

static int
write_beside(const struct editor *e, long number)
{
	FILE *f = fopen(e->beside, "we");

	if (f == NULL)
		return -1;
	fprintf(f, "save %ld\n", number);
	return fclose(f);
}

/* What the exchange brought out is ours to throw away, once it is named. */
static int
name_displaced(const struct editor *e)
{
	char text[VERSION_SIZE] = "";
	FILE *f = fopen(e->beside, "re");
	long number;

	if (f == NULL)
		return -1;
	if (fgets(text, sizeof(text), f) == NULL)
		text[0] = '\0';
	fclose(f);
	if (strncmp(text, "save ", 5) == 0) {
		number = strtol(text + 5, NULL, 10);
		fprintf(e->log, "displaced %ld\n", number);
	}
	return unlink(e->beside);
}

/* The file may be away for a moment; then there is nothing to exchange. */
static int
put(const struct editor *e)
{
	for (;;) {
		if (renameat2(AT_FDCWD, e->beside, AT_FDCWD, e->file,
			RENAME_EXCHANGE) == 0)
			return name_displaced(e);
		if (errno != ENOENT)
			return -1;
		if (renameat2(AT_FDCWD, e->beside, AT_FDCWD, e->file,
			RENAME_NOREPLACE) == 0)
			return 0;
		if (errno != EEXIST)
			return -1;
	}
}

static int
save(struct editor *e, const char *folder, long file, long number)
{
	snprintf(e->file, sizeof(e->file), "%s/f%ld.md", folder, file);
	if (write_beside(e, number) != 0 || put(e) != 0) {
		fprintf(stderr, "editor: %s, save %ld: %s\n", e->file, number,
		    strerror(errno));
		return -1;
	}
	fprintf(e->log, "saved %ld\n", number);
	return 0;
}

int
main(int argc, char **argv)
{
	struct editor e = { .log = NULL };
	long i, files, saves;

	if (argc != 6)
		return 2;
	snprintf(e.beside, sizeof(e.beside), "%s/.saving", argv[1]);
	files = strtol(argv[2], NULL, 10);
	saves = strtol(argv[3], NULL, 10);
	e.log = fopen(argv[4], "we");
	if (e.log == NULL || files < 1)
		return 2;
	for (i = 1; i <= saves || access(argv[5], F_OK) != 0; i++)
		if (save(&e, argv[1], i % files, i) != 0)
			return 1;
	return fclose(e.log) == 0 ? 0 : 1;
}
