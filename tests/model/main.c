/* SPDX-License-Identifier: MIT */
/*
 * simulation [--verbose] [--first] [--seed N | --seeds FROM-TO | --sweep WHAT]
 *
 * Everything that a seed does follows from the seed.
 */
#include "config.h"

#include <sys/stat.h>

#include <inttypes.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "model/model.h"

#define TWICE 20 /* every so many seeds one is run twice */

static int
usage(void)
{
	fprintf(stderr,
	    "usage: simulation [--verbose] [--first] --seed N | --seeds FROM-TO |\n"
	    "       --sweep (kill|nospc|eio|cut)-(client|peer) [--stride N]\n");
	return 2;
}

struct options {
	bool verbose;
	bool first; /* the first failure ends it */
	bool have_seeds;
	uint64_t from, to;
	const char *sweep;
	unsigned stride;
};

static bool
parse_one(const char *name, const char *value, struct options *o)
{
	if (strcmp(name, "--seed") == 0) {
		o->have_seeds = true;
		o->from = o->to = strtoull(value, NULL, 10);
		return true;
	}
	if (strcmp(name, "--seeds") == 0) {
		o->have_seeds = true;
		return sscanf(value, "%" SCNu64 "-%" SCNu64, &o->from,
			   &o->to) == 2;
	}
	if (strcmp(name, "--sweep") == 0)
		o->sweep = value;
	else if (strcmp(name, "--stride") == 0)
		o->stride = (unsigned)strtoul(value, NULL, 10);
	else
		return false;
	return true;
}

static bool
parse(int argc, char **argv, struct options *o)
{
	int i;

	*o = (struct options){ .stride = 1 };
	for (i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--verbose") == 0)
			o->verbose = true;
		else if (strcmp(argv[i], "--first") == 0)
			o->first = true;
		else if (i + 1 == argc || !parse_one(argv[i], argv[i + 1], o))
			return false;
		else
			i++;
	}
	return (o->have_seeds || o->sweep != NULL) && o->stride > 0;
}

/* The same seed goes the same way, to the number of system calls. */
static bool
same_again(uint64_t seed, const char *temp, uint64_t hash)
{
	bool ok = true;
	uint64_t again = simulate(seed, temp, false, &ok);

	if (ok && again != hash) {
		printf("seed %" PRIu64 ": went another way\n", seed);
		ok = false;
	}
	return ok;
}

static bool
one_seed(uint64_t seed, const char *temp, const struct options *o)
{
	uint64_t hash;
	bool ok;

	hash = simulate(seed, temp, o->verbose, &ok);
	if (ok && !o->verbose && seed % TWICE == 0)
		ok = same_again(seed, temp, hash);
	if (!ok)
		printf("replay: tests/model/simulation --seed %" PRIu64
		       " --verbose\n",
		    seed);
	if (o->verbose)
		printf("trace %016" PRIx64 "\n", hash);
	fflush(stdout);
	return ok;
}

static int
all_seeds(const char *temp, const struct options *o)
{
	uint64_t seed, passed = 0, failed = 0;

	for (seed = o->from; seed <= o->to && (failed == 0 || !o->first);
	     seed++) {
		if (one_seed(seed, temp, o))
			passed++;
		else
			failed++;
	}
	printf("%" PRIu64 " passed, %" PRIu64 " failed, 0 skipped\n", passed,
	    failed);
	return failed != 0;
}

int
main(int argc, char **argv)
{
	const char *base = getenv("TMPDIR");
	char temp[256];
	struct options o;
	int result;

	if (!parse(argc, argv, &o))
		return usage();
	if (access("/dev/shm", W_OK) == 0)
		base = "/dev/shm";
	snprintf(temp, sizeof(temp), "%s/dsync-XXXXXX",
	    base == NULL ? "/tmp" : base);
	umask(022);
	/* Large and mostly unused: fresh pages are cheaper than clean ones. */
	mallopt(M_MMAP_THRESHOLD, 256 * 1024);
	if (mkdtemp(temp) == NULL) {
		perror(temp);
		return 2;
	}
	result = o.sweep != NULL ?
	    sweep(o.sweep, temp, o.stride, o.first ? 1 : 10) :
	    all_seeds(temp, &o);
	remove_all(temp);
	return result;
}
