/* SPDX-License-Identifier: MIT */
#ifndef DSYNC_WATCH_H
#define DSYNC_WATCH_H

/*
 * The process of dsync watch that stays while sessions come and go: what
 * cmd_watch.c (sessions, one after the other) and watch.c (what else happens
 * meanwhile) share; theirs alone.
 */

#include <stdbool.h>
#include <stdint.h>

#include "after.h"
#include "child.h"
#include "exitcode.h"
#include "homing.h"
#include "sides.h"
#include "steer_serve.h"
#include "wake.h"

struct invocation;
struct logfile;
struct root;

struct watch {
	const struct invocation *inv;
	struct sides sides;
	struct root *root; /* of the folder whose door it is */
	struct control control;
	struct steer steer;
	struct after after;
	struct wake wake;
	struct logfile *log;
	struct homing homing;
	int stop; /* readable: a signal has come */
	bool stopped;
	bool paused;
	bool hurry; /* the next session is wanted now */
	bool been; /* a session has come to rest, ever */
	bool ending; /* it was told to */
	bool taken; /* the session answers at the door */
	struct child session;
	uint64_t tries; /* sessions begun */
	int64_t wait; /* before the next one, ns */
	int64_t since; /* when it came to be as it is now, by the wall */
	enum exitcode code; /* with which the last session ended */
};

/* A line for a person, who has not said that there should be none. */
void watch_say(const struct watch *w, const char *text);
/* What is to be said of whose turn it is now, of several servers. */
void watch_say_turn(const struct watch *w, const char *what);

/* Who watches lets go of the folder, until he is told to go on. */
void watch_pause(struct watch *w);

/*
 * One wait for whatever concerns this process, and the carrying out of what
 * it was; true: fd (-1: none) is readable.
 */
bool watch_wait(struct watch *w, int fd);

#endif
