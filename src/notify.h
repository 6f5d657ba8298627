/* SPDX-License-Identifier: MIT */
#ifndef DSYNC_NOTIFY_H
#define DSYNC_NOTIFY_H

/*
 * Tells the service manager that started us, if it wants to hear, that what it
 * waits for is so: sd_notify(3)'s READY=1.
 */
void notify_ready(void);

#endif
