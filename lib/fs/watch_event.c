/* SPDX-License-Identifier: MIT */
/*
 * What the kernel says, one event after the other.  A file that something
 * happened to is touched, and that is all.  A folder that comes, or may be
 * another one now, goes into the queue; one that goes is forgotten, but if it
 * was moved it waits for the event that says where to.
 *
 * Out of memory, an event can't be made use of; then it is as if the kernel
 * had lost it.
 */
#include "config.h"

#include <sys/inotify.h>

#include <stddef.h>
#include <string.h>

#include "fs/root.h"
#include "fs/watch_state.h"

/*
 * Takes a folder out of the tree, until it is known where it went.  If too
 * many are gone like that it is forgotten, and new wherever it arrives.
 */
static void
depart(struct watch *w, struct watch_node *node, uint32_t cookie)
{
	if (w->n_moving == WATCH_MOVING) {
		watch_drop(w, node);
		return;
	}
	watch_tree_detach(node);
	w->moving[w->n_moving].cookie = cookie;
	w->moving[w->n_moving].node = node;
	w->n_moving++;
}

/* The folder that departed with this cookie, or NULL; it is moving no more. */
static struct watch_node *
departed(struct watch *w, uint32_t cookie)
{
	struct watch_node *node;
	size_t i = w->n_moving;

	while (i > 0 && w->moving[i - 1].cookie != cookie)
		i--;
	if (i == 0)
		return NULL;
	node = w->moving[i - 1].node;
	w->n_moving--;
	memmove(&w->moving[i - 1], &w->moving[i],
	    (w->n_moving - (i - 1)) * sizeof(w->moving[0]));
	return node;
}

/*
 * A folder was moved to name.  If it was ours it keeps its watches; what stood
 * there before is gone, or was this one already, seen ahead of the events.
 */
static enum status
arrive(struct watch *w, struct watch_node *parent, const char *name,
    uint32_t cookie)
{
	struct watch_node *node = departed(w, cookie), *old;

	if (node == NULL)
		return watch_found(w, parent, name, true);
	if (watch_tree_top(parent) == node) {
		/* Into itself: only a map that is wrong can say that. */
		watch_drop(w, node);
		watch_doubt(w);
		return ST_OK;
	}
	old = watch_tree_find(parent, name);
	if (old != NULL)
		watch_drop(w, old);
	if (watch_tree_attach(parent, node, name) != ST_OK) {
		watch_drop(w, node);
		return ST_NOMEM;
	}
	return watch_found(w, parent, name, true);
}

static enum status
folder_event(struct watch *w, struct watch_node *parent, const char *name,
    const struct inotify_event *e)
{
	struct watch_node *node = watch_tree_find(parent, name);

	if ((e->mask & (IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO)) != 0)
		watch_touch(w, parent, name, true);
	if ((e->mask & IN_MOVED_TO) != 0)
		return arrive(w, parent, name, e->cookie);
	if ((e->mask & IN_CREATE) != 0)
		return watch_found(w, parent, name, false);
	if (node == NULL)
		return ST_OK;
	if ((e->mask & IN_MOVED_FROM) != 0) {
		depart(w, node, e->cookie);
		/* In an exchange the other one has taken the name already. */
		return watch_found(w, parent, name, false);
	}
	if ((e->mask & IN_DELETE) != 0)
		watch_drop(w, node);
	else if ((e->mask & IN_ATTRIB) != 0)
		watch_enqueue(w, node, false);
	return ST_OK;
}

/* Something that has a name in the folder. */
static enum status
name_event(struct watch *w, struct watch_node *parent, const char *name,
    const struct inotify_event *e)
{
	if (strcmp(name, PATH_PRIVATE) == 0) {
		if (parent == w->tree.root && root_private_fd(w->root) != -1 &&
		    (e->mask & (IN_DELETE | IN_MOVED_FROM)) != 0)
			watch_lose(w, "its " PATH_PRIVATE " is gone");
		return ST_OK;
	}
	if ((e->mask & IN_ISDIR) != 0)
		return folder_event(w, parent, name, e);
	watch_touch(w, parent, name, false);
	return ST_OK;
}

static void
root_event(struct watch *w, uint32_t mask)
{
	if ((mask & IN_UNMOUNT) != 0)
		watch_lose(w, "was unmounted");
	else if ((mask & IN_MOVE_SELF) != 0)
		watch_lose(w, "was moved");
	else if ((mask & (IN_DELETE_SELF | IN_IGNORED)) != 0)
		watch_lose(w, "was deleted");
}

/* The folder itself. */
static void
self_event(struct watch *w, struct watch_node *node, uint32_t mask)
{
	if (node == w->tree.root)
		root_event(w, mask);
	if ((mask & IN_IGNORED) != 0) {
		watch_tree_unmap(&w->tree, node);
		w->freed++;
	}
	if (!w->lost)
		watch_enqueue(w, node, false);
}

static enum status
take_event(struct watch *w, const struct inotify_event *e, const char *name)
{
	struct watch_node *node;

	if ((e->mask & IN_Q_OVERFLOW) != 0) {
		watch_doubt(w);
		return ST_OK;
	}
	node = watch_tree_by_wd(&w->tree, e->wd);
	/* What was queued before its watch ended. */
	if (node == NULL)
		return ST_OK;
	if (*name != '\0')
		return name_event(w, node, name, e);
	self_event(w, node, e->mask);
	return ST_OK;
}

void
watch_feed(struct watch *w, const void *data, size_t len)
{
	const uint8_t *p = data;
	char name[PATH_NAME_LIMIT + 1];
	struct inotify_event e;
	size_t size;

	while (len >= sizeof(e) && !w->lost) {
		memcpy(&e, p, sizeof(e));
		p += sizeof(e);
		len -= sizeof(e);
		if (e.len > len)
			break;
		size = e.len < PATH_NAME_LIMIT ? e.len : PATH_NAME_LIMIT;
		memcpy(name, p, size);
		name[size] = '\0';
		if (take_event(w, &e, name) != ST_OK)
			watch_doubt(w);
		p += e.len;
		len -= e.len;
	}
	if (len > 0 && !w->lost)
		watch_doubt(w);
}
