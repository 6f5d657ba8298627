/* SPDX-License-Identifier: MIT */
/* This machine, and what it offers. */
#include "config.h"

#include "checkup.h"

#include <sys/stat.h>

#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "command.h"
#include "fs/probe.h"
#include "history.h"
#include "json.h"
#include "offer.h"
#include "options.h"
#include "self.h"
#include "sync/preset.h"
#include "util/env.h"
#include "util/str.h"

#define WATCHES "/proc/sys/fs/inotify/max_user_watches"
#define ENOUGH	65536 /* folders that are watched: more than most have */
#define BORN	(1700000000 * NSEC) /* before any dsync */
#define DIES	(4102444800 * NSEC) /* the year 2100 */

void
checkup_say(struct checkup *c, enum checkup_verdict verdict, const char *what,
    const char *fmt, ...)
{
	static const char *const words[CHECKUP__MAX] = { "ok", "warn", "FAIL" };
	char text[1024];
	json_t *o;
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	c->found[verdict]++;
	if (c->inv->options->json) {
		o = json_object();
		json_object_set_new(o, "event", json_string("check"));
		json_object_set_new(o, "verdict", json_string(words[verdict]));
		json_object_set_new(o, "what", json_string(what));
		json_put_path(o, "text", text);
		json_print(o);
	} else if (verdict != CHECKUP_OK || !c->inv->options->quiet) {
		printf("%-4s  %s: %s\n", words[verdict], what, text);
	}
}

static void
check_kernel(struct checkup *c)
{
	struct env *env = c->inv->env;

	if (!probe_openat2(env))
		checkup_say(c, CHECKUP_WARN, "kernel",
		    "no openat2: paths are looked up one name at a time, "
		    "which is slower (Linux 5.6 has it)");
	else if (!probe_exchange(env))
		checkup_say(c, CHECKUP_WARN, "kernel",
		    "no RENAME_EXCHANGE: a save in the very moment of a sync "
		    "is kept by other means (Linux 3.15 has it)");
	else
		checkup_say(c, CHECKUP_OK, "kernel",
		    "openat2 and RENAME_EXCHANGE");
}

static void
check_sandbox(struct checkup *c)
{
	const int abi = probe_landlock(c->inv->env);

	if (abi > 0)
		checkup_say(c, CHECKUP_OK, "sandbox", "Landlock %d", abi);
	else
		checkup_say(c, CHECKUP_WARN, "sandbox",
		    "no Landlock: the kernel lacks it (Linux 5.13) or it is "
		    "not in the lsm= list of the kernel's command line");
}

static void
check_watches(struct checkup *c)
{
	uint64_t n;

	if (!probe_number(c->inv->env, WATCHES, &n))
		checkup_say(c, CHECKUP_WARN, "inotify",
		    WATCHES " can't be read: changes may be seen late");
	else if (n < ENOUGH)
		checkup_say(c, CHECKUP_WARN, "inotify",
		    "%" PRIu64 " folders can be watched; for more: sysctl "
		    "fs.inotify.max_user_watches=524288",
		    n);
	else
		checkup_say(c, CHECKUP_OK, "inotify",
		    "%" PRIu64 " folders can be watched", n);
}

static void
check_clock(struct checkup *c)
{
	const int64_t now = env_now(c->inv->env);
	char when[HISTORY_TIME];

	history_time(when, now);
	if (now < BORN || now > DIES)
		checkup_say(c, CHECKUP_FAIL, "clock",
		    "%s: set it, or conflicts are decided by chance", when);
	else
		checkup_say(c, CHECKUP_OK, "clock", "%s", when);
}

static void
check_program(struct checkup *c)
{
	char path[PATH_MAX], show[STR_SHOW];
	struct err err;

	if (self_path(path, &err) != ST_OK)
		checkup_say(c, CHECKUP_FAIL, "program", "%s", err.text);
	else if (!self_found_by_name(path))
		checkup_say(c, CHECKUP_WARN, "program",
		    "%s is not where a plain PATH looks: who connects to this "
		    "machine needs --remote-path=%s",
		    str_show(show, path), show);
	else
		checkup_say(c, CHECKUP_OK, "program", "dsync " PACKAGE_VERSION);
}

void
checkup_system(struct checkup *c)
{
	check_program(c);
	check_kernel(c);
	check_sandbox(c);
	check_watches(c);
	check_clock(c);
}

static void
check_preset(struct checkup *c, const struct preset *p)
{
	char show[STR_SHOW];
	struct stat sb;

	if (stat(p->path, &sb) == -1)
		checkup_say(c, CHECKUP_FAIL, p->name,
		    "%s: %s; make the folder, or dsync preset remove %s",
		    str_show(show, p->path), strerror(errno), p->name);
	else if (!S_ISDIR(sb.st_mode))
		checkup_say(c, CHECKUP_FAIL, p->name, "%s: not a folder",
		    str_show(show, p->path));
	else if (!probe_folder(c->inv->env, p->path))
		checkup_say(c, CHECKUP_FAIL, p->name,
		    "%s: %s; this account must own it, or may at least write "
		    "there",
		    str_show(show, p->path), strerror(errno));
}

void
checkup_presets(struct checkup *c)
{
	AUTO(presets) struct presets *presets = NULL;
	const unsigned before = c->found[CHECKUP_FAIL];
	struct err err;
	size_t i;

	if (offer_load(c->inv->env, &presets, &err) != ST_OK) {
		checkup_say(c, CHECKUP_FAIL, "presets",
		    "%s (until then every client is refused)", err.text);
		return;
	}
	for (i = 0; i < presets_count(presets); i++)
		check_preset(c, presets_at(presets, i));
	if (c->found[CHECKUP_FAIL] == before)
		checkup_say(c, CHECKUP_OK, "presets", "%zu offered here", i);
}
