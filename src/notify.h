/* SPDX-License-Identifier: MIT */
#ifndef DSYNC_NOTIFY_H
#define DSYNC_NOTIFY_H

/*
 * Tells the service manager that started us, if it wants to hear, how things
 * stand: lines as of sd_notify(3), "READY=1\nSTATUS=in sync\n".
 */
void notify(const char *lines);

#endif
