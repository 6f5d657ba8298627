/* SPDX-License-Identifier: MIT */
/*
 * Reads a file again and again until another one appears, and fails if it is
 * ever not there, or not whole: each line of it has to read like the first,
 * and there are as many as the number in it says.  reader FILE UNTIL
 */
#include "config.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LINE_SIZE 128

static bool
is_whole(FILE *f)
{
	char first[LINE_SIZE], line[LINE_SIZE];
	long wanted, n = 1;

	if (fgets(first, sizeof(first), f) == NULL)
		return false;
	wanted = strtol(first, NULL, 10);
	for (; fgets(line, sizeof(line), f) != NULL; n++)
		if (strcmp(first, line) != 0)
			return false;
	return n == wanted;
}

int
main(int argc, char **argv)
{
	unsigned long reads = 0;
	FILE *f;

	if (argc != 3)
		return 2;
	while (access(argv[2], F_OK) == -1) {
		f = fopen(argv[1], "re");
		if (f == NULL || !is_whole(f)) {
			fprintf(stderr, "reader: %s: not whole, read %lu\n",
			    argv[1], reads);
			return 1;
		}
		fclose(f);
		reads++;
	}
	printf("%lu reads\n", reads);
	return 0;
}
