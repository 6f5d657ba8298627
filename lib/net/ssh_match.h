/* SPDX-License-Identifier: MIT */
#ifndef DSYNC_NET_SSH_MATCH_H
#define DSYNC_NET_SSH_MATCH_H

/* Patterns of ssh_config and known_hosts: "*" and "?", in either case. */

#include <stdbool.h>

enum ssh_match {
	SSH_MATCH_NO,
	SSH_MATCH_YES,
	SSH_MATCH_NEVER, /* a pattern with a "!" in front matches */
};

bool ssh_match_one(const char *pattern, const char *text);

/* "one,two,!three": NEVER if one with a "!" matches, whatever others do. */
enum ssh_match ssh_match_list(const char *list, const char *text);

#endif
