/* SPDX-License-Identifier: MIT */
#ifndef DSYNC_PROGRESS_H
#define DSYNC_PROGRESS_H

/* One line at the bottom of a terminal: how far the whole run is. */

#include <stdbool.h>
#include <stdint.h>

struct env;
struct progress;

struct progress_bar {
	struct env *env;
	bool on; /* standard error is a terminal, and a bar is wanted */
	bool drawn; /* there is something to wipe */
	int64_t start; /* ticks */
	int64_t wait; /* before the first drawing, ns */
	int64_t last; /* drawn at */
};

/* at_once: else only runs that take a while show a bar. */
void progress_init(struct progress_bar *bar, struct env *env, bool wanted,
    bool at_once);
void progress_draw(struct progress_bar *bar, const struct progress *p);

/* Before any line is printed, and at the end. */
void progress_wipe(struct progress_bar *bar);

/* The text of the bar, at most width columns; buf has room for 256. */
void progress_text(const struct progress *p, int64_t elapsed, unsigned width,
    char buf[256]);

#endif
