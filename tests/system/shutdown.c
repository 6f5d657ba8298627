/* SPDX-License-Identifier: MIT */
/*
 * The power fails: what was not written to the disk of this ext4 yet never
 * will be.  shutdown MOUNTPOINT
 */
#include "config.h"

#include <sys/ioctl.h>

#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>

/* linux/ext4.h is not everywhere. */
#define IOC_SHUTDOWN   _IOR('X', 125, uint32_t)
#define WITHOUT_A_SYNC 2u

int
main(int argc, char **argv)
{
	const uint32_t how = WITHOUT_A_SYNC;
	int fd = argc == 2 ? open(argv[1], O_RDONLY | O_CLOEXEC) : -1;

	if (fd == -1 || ioctl(fd, IOC_SHUTDOWN, &how) == -1) {
		perror("shutdown");
		return 1;
	}
	return close(fd) == 0 ? 0 : 1;
}
