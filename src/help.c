/* SPDX-License-Identifier: MIT */
/* What --help prints, made from the descriptors and the table of options. */
#include "config.h"

#include "help.h"

#include <stddef.h>

#include "command.h"
#include "options.h"

void
help_overview(FILE *f)
{
	size_t i;

	fputs("dsync keeps folders of text files the same.\n\n"
	      "  dsync sync ONE OTHER        both ways, once\n"
	      "  dsync sync OTHER            again: OTHER remembers ONE\n"
	      "  dsync watch ONE OTHER       both ways, and on\n"
	      "  dsync push SOURCE TARGET    one way, once\n"
	      "  dsync SOURCE TARGET         a plain copy, as rsync does it\n\n"
	      "Nothing that somebody saved is lost: displaced versions are "
	      "kept.  -n only\nshows what would be done.\n\nCommands:\n",
	    f);
	for (i = 0; commands[i] != NULL; i++) {
		if (!commands[i]->internal)
			fprintf(f, "  %-10s %s\n", commands[i]->name,
			    commands[i]->what);
	}
	fputs("\n\"dsync COMMAND --help\" says more, \"man dsync\" all; "
	      "\"dsync --version\" the version.\n",
	    f);
}

void
help_command(const struct command *cmd, FILE *f)
{
	fprintf(f, "usage: dsync %s%s%s\n", cmd->name,
	    *cmd->name == '\0' || *cmd->args == '\0' ? "" : " ", cmd->args);
	if (cmd->more != NULL)
		fputs(cmd->more, f);
	fputc('\n', f);
	options_help(cmd->groups, f);
}
