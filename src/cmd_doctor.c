/* SPDX-License-Identifier: MIT */
/* dsync doctor: looks at everything a run needs, and changes nothing. */
#include "config.h"

#include <sys/stat.h>

#include "checkup.h"
#include "command.h"
#include "inquire.h"
#include "options.h"
#include "output.h"

/* Without a folder: this one, if it is synced. */
static bool
is_synced(const char *path)
{
	struct stat sb;

	return stat(path, &sb) == 0 && S_ISDIR(sb.st_mode);
}

static enum exitcode
run_doctor(const struct invocation *inv)
{
	struct checkup c = { .inv = inv };
	const char *host = NULL, *folder = NULL;
	struct err err;
	size_t i;

	for (i = 0; i < inv->n_args; i++) {
		const char **slot = inquire_is_host(inv->args[i]) ? &host :
								    &folder;

		if (*slot != NULL) {
			(void)!err_set(&err, ST_USAGE,
			    "doctor: one HOST: and one folder at most");
			return output_fail(inv, &err);
		}
		*slot = inv->args[i];
	}
	checkup_system(&c);
	checkup_presets(&c);
	if (folder != NULL || is_synced(".dsync"))
		checkup_folder(&c, folder != NULL ? folder : ".");
	if (host != NULL)
		checkup_host(&c, host);
	return c.found[CHECKUP_FAIL] == 0 ? EXITCODE_OK : EXITCODE_USAGE;
}

const struct command cmd_doctor = {
	.name = "doctor",
	.args = "[OPTION]... [[USER@]HOST:] [FOLDER]",
	.what = "every reason why it would not work, and what to do",
	.more =
	    "Looks at this machine, at its presets, at FOLDER and at HOST:, one line each:\n"
	    "ok, warn, or FAIL.  Changes nothing; exits with 1 if anything fails.\n",
	.groups = OPTIONS_ALL | OPTIONS_LINK,
	.max_args = 2,
	.run = run_doctor,
};
