/* SPDX-License-Identifier: MIT */
#ifndef DSYNC_WHOSE_H
#define DSYNC_WHOSE_H

/*
 * The fingerprint, "SHA256:...", of the key by which the client of this
 * process was let in, where sshd tells (ExposeAuthInfo); else NULL.  Owned.
 */
char *whose_key(void);

#endif
