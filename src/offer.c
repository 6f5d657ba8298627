/* SPDX-License-Identifier: MIT */
/* Where presets.conf is looked for. */
#include "config.h"

#include "offer.h"

#include <stdio.h>
#include <stdlib.h>

#include "sync/preset.h"
#include "util/auto.h"

char *
offer_file(void)
{
	const char *config = getenv("XDG_CONFIG_HOME");
	const char *home = getenv("HOME");
	char *path = NULL;
	int n = -1;

	if (config != NULL && *config == '/')
		n = asprintf(&path, "%s/dsync/presets.conf", config);
	else if (home != NULL && *home == '/')
		n = asprintf(&path, "%s/.config/dsync/presets.conf", home);
	return n == -1 ? NULL : path;
}

enum status
offer_load(struct env *env, struct presets **ret, struct err *err)
{
	AUTO(presets) struct presets *presets = NULL;
	autofree char *own = offer_file();
	const char *home = getenv("HOME");
	enum status st;

	if (presets_new(&presets) != ST_OK)
		return err_nomem(err);
	st = presets_load(presets, env, OFFER_SYSTEM, home, err);
	if (st == ST_OK && own != NULL)
		st = presets_load(presets, env, own, home, err);
	if (st != ST_OK)
		return st;
	*ret = presets;
	presets = NULL;
	return ST_OK;
}
