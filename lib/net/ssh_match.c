/* SPDX-License-Identifier: MIT */
/* "*" is tried with as little as will do, and again with more. */
#include "config.h"

#include "net/ssh_match.h"

#include <ctype.h>
#include <stddef.h>
#include <string.h>

static bool
match(const char *p, size_t len, const char *text)
{
	const char *end = p + len, *star = NULL, *again = NULL;

	while (*text != '\0') {
		if (p < end && *p == '*') {
			star = ++p;
			again = text;
		} else if (p < end &&
		    (*p == '?' ||
			tolower((unsigned char)*p) ==
			    tolower((unsigned char)*text))) {
			p++;
			text++;
		} else if (star != NULL) {
			p = star;
			text = ++again;
		} else {
			return false;
		}
	}
	while (p < end && *p == '*')
		p++;
	return p == end;
}

bool
ssh_match_one(const char *pattern, const char *text)
{
	return match(pattern, strlen(pattern), text);
}

enum ssh_match
ssh_match_list(const char *list, const char *text)
{
	enum ssh_match found = SSH_MATCH_NO;

	while (*list != '\0') {
		size_t len = strcspn(list, ",");
		bool never = *list == '!';

		if (match(list + never, len - never, text)) {
			if (never)
				return SSH_MATCH_NEVER;
			found = SSH_MATCH_YES;
		}
		list += len;
		list += *list == ',';
	}
	return found;
}
