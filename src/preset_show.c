/* SPDX-License-Identifier: MIT */
/* What is not set is not shown, but for what everybody asks: the access. */
#include "config.h"

#include "preset_show.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "json.h"
#include "sync/policy.h"
#include "sync/preset.h"
#include "util/env.h"
#include "util/str.h"

static void
show_rules(const char *rules)
{
	char show[STR_SHOW], line[STR_SHOW];
	size_t len;

	for (; rules != NULL && *rules != '\0'; rules += len + 1) {
		len = strcspn(rules, "\n");
		snprintf(line, sizeof(line), "%.*s", (int)len, rules);
		if (*line == '!')
			printf("include = %s\n", str_show(show, line + 1));
		else
			printf("ignore = %s\n", str_show(show, line));
	}
}

static void
show_size(const char *key, uint64_t n)
{
	static const char *const units[] = { "", "k", "M", "G", "T" };
	size_t i = 0;

	if (n == 0)
		return;
	while (n % 1024 == 0 && i < sizeof(units) / sizeof(units[0]) - 1) {
		n /= 1024;
		i++;
	}
	printf("%s%" PRIu64 "%s", key, n, units[i]);
}

static void
show_keep(const struct preset *p)
{
	if (p->keep_age == 0 && p->keep_size == 0)
		return;
	printf("keep =");
	if (p->keep_age % (86400 * NSEC) == 0 && p->keep_age != 0)
		printf(" %lldd", (long long)(p->keep_age / NSEC / 86400));
	else if (p->keep_age != 0)
		printf(" %llds", (long long)(p->keep_age / NSEC));
	show_size(" ", p->keep_size);
	putchar('\n');
}

void
preset_show(const struct preset *p)
{
	char show[STR_SHOW];

	printf("# %s\n[preset %s]\n", str_show(show, p->file), p->name);
	printf("path = %s\n", str_show(show, p->path));
	if (p->description != NULL)
		printf("description = %s\n", p->description);
	printf("access = %s\n", policy_access_name(p->access));
	if (p->have_conflict)
		printf("conflict = %s\n", policy_conflict_name(p->conflict));
	show_rules(p->rules);
	if (p->hidden)
		puts("hidden = yes");
	if (p->max_size != 0) {
		show_size("max-file-size = ", p->max_size);
		putchar('\n');
	}
	show_keep(p);
	if (p->quota != 0) {
		show_size("quota = ", p->quota);
		putchar('\n');
	}
	if (p->rate != 0) {
		show_size("bwlimit = ", p->rate);
		puts(p->rate % 1024 == 0 ? "" : "b");
	}
	if (p->mode != 0)
		printf("mode = 0%o\n", p->mode);
}

void
preset_show_line(const struct preset *p)
{
	char show[STR_SHOW];

	printf("%-16s %-5s %s%s%s\n", p->name, policy_access_name(p->access),
	    str_show(show, p->path), p->description == NULL ? "" : "  # ",
	    p->description == NULL ? "" : p->description);
}

static json_t *
json_rules(const char *rules)
{
	json_t *list = json_array();
	char line[STR_SHOW], show[STR_SHOW];
	size_t len;

	for (; rules != NULL && *rules != '\0'; rules += len + 1) {
		len = strcspn(rules, "\n");
		snprintf(line, sizeof(line), "%.*s", (int)len, rules);
		json_array_append_new(list,
		    json_string(
			str_utf8(line, len) ? line : str_show(show, line)));
	}
	return list;
}

static void
put_count(json_t *o, const char *key, uint64_t n)
{
	if (n != 0)
		json_object_set_new(o, key, json_integer((json_int_t)n));
}

void
preset_show_json(const struct preset *p)
{
	json_t *o = json_object();
	char mode[8];

	json_object_set_new(o, "event", json_string("preset"));
	json_object_set_new(o, "name", json_string(p->name));
	json_put_path(o, "file", p->file);
	json_put_path(o, "path", p->path);
	if (p->description != NULL)
		json_object_set_new(o, "description",
		    json_string(p->description));
	json_object_set_new(o, "access",
	    json_string(policy_access_name(p->access)));
	if (p->have_conflict)
		json_object_set_new(o, "conflict",
		    json_string(policy_conflict_name(p->conflict)));
	json_object_set_new(o, "rules", json_rules(p->rules));
	json_object_set_new(o, "hidden", json_boolean(p->hidden));
	put_count(o, "max_file_size", p->max_size);
	put_count(o, "keep_seconds", (uint64_t)(p->keep_age / NSEC));
	put_count(o, "keep_bytes", p->keep_size);
	put_count(o, "quota", p->quota);
	put_count(o, "bwlimit", p->rate);
	snprintf(mode, sizeof(mode), "0%o", p->mode);
	if (p->mode != 0)
		json_object_set_new(o, "mode", json_string(mode));
	json_print(o);
}
