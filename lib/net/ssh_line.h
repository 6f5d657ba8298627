/* SPDX-License-Identifier: MIT */
#ifndef DSYNC_NET_SSH_LINE_H
#define DSYNC_NET_SSH_LINE_H

/* One line of ssh_config: a keyword and its words. */

#include <stddef.h>

#include "util/auto.h"
#include "util/err.h"

#define SSH_LINE_WORDS 128

struct ssh_line {
	const char *keyword; /* NULL: the line says nothing */
	const char *rest; /* all behind the keyword, as it stands there */
	const char *words[SSH_LINE_WORDS + 1]; /* once cut; NULL at the end */
	size_t n_words;
	char *memory;
	char *cut; /* the second copy, where the words begin */
};

/* "Keyword rest" or "Keyword=rest"; # before what is for people. */
enum status ssh_line_parse(const char *text, size_t len, struct ssh_line **ret,
    struct err *err) MUST_CHECK;
void ssh_line_free(struct ssh_line *line);
AUTO_DEFINE(ssh_line);

/*
 * Cuts the rest into words; quotes hold one together.  ST_USAGE, with a text
 * for behind "line N: ": a quote without its partner, too many words.
 */
enum status ssh_line_cut(struct ssh_line *line, struct err *err) MUST_CHECK;

#endif
