/* SPDX-License-Identifier: MIT */
/*
 * fuzz_X FOLDER...: runs one fuzz target over the files of its corpus, so
 * that what once broke it is tried in every "make check", with any compiler.
 */
#include "config.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>

#include "fuzz.h"
#include "util/auto.h"
#include "util/buf.h"

static int
complain(const char *what)
{
	perror(what);
	return -1;
}

static int
replay_file(const char *path)
{
	AUTO(buf) struct buf buf = { 0 };
	uint8_t part[4096], *exact;
	FILE *f = fopen(path, "rb");
	size_t n;

	if (f == NULL)
		return complain(path);
	while ((n = fread(part, 1, sizeof(part), f)) > 0)
		FUZZ_CHECK(buf_put(&buf, part, n) == ST_OK);
	n = (size_t)ferror(f);
	fclose(f);
	if (n != 0)
		return complain(path);
	/* memory of its own size, so that a sanitizer sees a byte too many */
	exact = malloc(buf.len);
	FUZZ_CHECK(exact != NULL || buf.len == 0);
	if (buf.len > 0)
		memcpy(exact, buf_data(&buf), buf.len);
	LLVMFuzzerTestOneInput(exact, buf.len);
	free(exact);
	return 1;
}

/* Returns how many files there were, or -1. */
static int
replay_folder(const char *folder)
{
	DIR *dir = opendir(folder);
	struct dirent *d;
	char path[4096];
	int n = 0;

	if (dir == NULL)
		return complain(folder);
	while (n != -1 && (d = readdir(dir)) != NULL) {
		if (d->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "%s/%s", folder, d->d_name);
		n = replay_file(path) == -1 ? -1 : n + 1;
	}
	closedir(dir);
	return n;
}

int
main(int argc, char **argv)
{
	int i, n;

	if (argc < 2)
		return EXIT_FAILURE;
	for (i = 1; i < argc; i++) {
		n = replay_folder(argv[i]);
		printf("%s: %d files\n", argv[i], n);
		if (n <= 0)
			return EXIT_FAILURE;
	}
	return EXIT_SUCCESS;
}
