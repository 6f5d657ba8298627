/* SPDX-License-Identifier: MIT */
#ifndef DSYNC_HELP_H
#define DSYNC_HELP_H

#include <stdio.h>

struct command;

void help_overview(FILE *f);
void help_command(const struct command *cmd, FILE *f);

#endif
