/* SPDX-License-Identifier: MIT */
/*
 * The bar is redrawn in place ten times a second at most, and wiped before a
 * line is printed, so lines scroll above it.  Without a terminal it is silent.
 */
#include "config.h"

#include "progress.h"

#include <sys/ioctl.h>

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "sync/report.h"
#include "util/env.h"
#include "util/str.h"

#define DRAW_EVERY (NSEC / 10)
#define FIRST_WAIT (NSEC / 2) /* quicker runs need no bar */
#define BAR_CELLS  20

void
progress_init(struct progress_bar *bar, struct env *env, bool wanted,
    bool at_once)
{
	memset(bar, 0, sizeof(*bar));
	bar->env = env;
	bar->on = wanted && isatty(STDERR_FILENO) == 1;
	bar->start = env_ticks(env);
	bar->wait = at_once ? 0 : FIRST_WAIT;
	bar->last = bar->start - DRAW_EVERY;
}

static unsigned
terminal_width(void)
{
	struct winsize ws = { 0 };

	if (ioctl(STDERR_FILENO, TIOCGWINSZ, &ws) == -1 || ws.ws_col == 0)
		return 80;
	return ws.ws_col;
}

/* How much is done, 0..1; contents weigh more than names. */
static double
share(const struct progress *p)
{
	double all, done;

	if (p->bytes_all > 0) {
		all = (double)p->bytes_all;
		done = (double)p->bytes;
	} else {
		all = (double)p->files_all;
		done = (double)p->files;
	}
	if (all <= 0)
		return 0;
	return done >= all ? 1 : done / all;
}

static void
rate_text(const struct progress *p, int64_t elapsed, char *buf, size_t size)
{
	double seconds = (double)elapsed / (double)NSEC, rate, part = share(p);
	char shown[16];
	uint64_t left;

	*buf = '\0';
	if (p->bytes == 0 || seconds < 0.5 || part <= 0)
		return;
	rate = (double)p->bytes / seconds;
	left = (uint64_t)(seconds * (1 - part) / part);
	snprintf(buf, size, "  %s/s  %u:%02u left",
	    str_size(shown, (uint64_t)rate), (unsigned)(left / 60),
	    (unsigned)(left % 60));
}

void
progress_text(const struct progress *p, int64_t elapsed, unsigned width,
    char buf[256])
{
	const double part = share(p);
	const int cells = (int)(part * BAR_CELLS);
	char bar[BAR_CELLS + 1], rate[64], text[256];

	memset(bar, '.', BAR_CELLS);
	memset(bar, '#', (size_t)cells);
	bar[BAR_CELLS] = '\0';
	rate_text(p, elapsed, rate, sizeof(rate));
	if (p->files_all == 0)
		snprintf(text, sizeof(text), "%s  %llu files", p->step,
		    (unsigned long long)p->files);
	else
		snprintf(text, sizeof(text), "%s [%s] %3d%%  %llu/%llu files%s",
		    p->step, bar, (int)(part * 100),
		    (unsigned long long)p->files,
		    (unsigned long long)p->files_all, rate);
	snprintf(buf, 256, "%.*s", width > 255 ? 255 : (int)width, text);
}

void
progress_draw(struct progress_bar *bar, const struct progress *p)
{
	const int64_t now = bar->on ? env_ticks(bar->env) : 0;
	unsigned width;
	char text[256];

	if (!bar->on || now - bar->start < bar->wait ||
	    now - bar->last < DRAW_EVERY)
		return;
	width = terminal_width();
	progress_text(p, now - bar->start, width - 1, text);
	fprintf(stderr, "\r%s\033[K", text);
	fflush(stderr);
	bar->last = now;
	bar->drawn = true;
}

void
progress_wipe(struct progress_bar *bar)
{
	if (!bar->drawn)
		return;
	fputs("\r\033[K", stderr);
	fflush(stderr);
	bar->drawn = false;
}
