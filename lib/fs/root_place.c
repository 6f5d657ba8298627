/* SPDX-License-Identifier: MIT */
/*
 * A root is held by its descriptor, and so is still there for us when it is
 * there for nobody else: unmounted while in use, below a folder that was moved,
 * with another one mounted on it.  No event tells of these.
 */
#include "config.h"

#include <sys/stat.h>

#include <errno.h>
#include <string.h>

#include "fs/root.h"
#include "fs/sys.h"
#include "util/auto.h"
#include "util/str.h"

/* What is wrong with the path; NULL: nothing that we know of. */
static const char *
place_fault(const struct root *root)
{
	struct env *env = root_env(root);
	autoclose int fd = sys_open_handle(env, root_path(root));
	struct stat held, there;

	if (fd == -1 && (errno == ENOENT || errno == ENOTDIR))
		return "is not there any more: moved, deleted or unmounted";
	/* Who may not look at the path any more may go on with what he has. */
	if (fd == -1 || sys_fstat(env, fd, &there) == -1 ||
	    sys_fstat(env, root_fd(root), &held) == -1)
		return NULL;
	if (there.st_dev == held.st_dev && there.st_ino == held.st_ino)
		return NULL;
	return "another folder is there now: unmounted, or covered by a mount";
}

enum status
root_check_place(const struct root *root, struct err *err)
{
	const char *fault = place_fault(root);
	char show[STR_SHOW];

	return fault == NULL ? ST_OK :
			       err_set(err, ST_FOLDER, "%s: %s",
				   str_show(show, root_path(root)), fault);
}
