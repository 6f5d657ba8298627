/* SPDX-License-Identifier: MIT */
#ifndef DSYNC_CORE_LISTING_H
#define DSYNC_CORE_LISTING_H

/*
 * Entries in the order of their paths' bytes, each path once.  Filled in any
 * order, then sorted, then read.  Costs 64 bytes an entry and its path.
 */

#include <stdbool.h>
#include <stddef.h>

#include "util/auto.h"
#include "util/err.h"

struct entry;
struct listing;

enum status listing_new(struct listing **ret) MUST_CHECK;
void listing_free(struct listing *list);
AUTO_DEFINE(listing);

/* Appends a copy of e and of its path. */
enum status listing_add(struct listing *list, const struct entry *e) MUST_CHECK;

/* Appends a copy of e; the path's bytes must outlive the listing. */
enum status listing_add_borrowed(struct listing *list,
    const struct entry *e) MUST_CHECK;

/*
 * Sorts by path; cheap when the entries came in order.  Of entries with the
 * same path the one added last stays.  After this, nothing may be added.
 */
void listing_sort(struct listing *list);

size_t listing_count(const struct listing *list);
const struct entry *listing_at(const struct listing *list, size_t i);

/* The entry with this path, or NULL.  (A cover above it is not asked.) */
const struct entry *listing_find(const struct listing *list, const char *path);

/*
 * Walks a sorted listing beside others.  listing_walk_next_path() is the next
 * path not yet passed, or NULL.  listing_walk_at() must be called with
 * ascending paths; it returns the listing's entry for the path, or a constant
 * one without a path: what a cover above the path says, else ABSENT.
 */
struct listing_walk;

enum status listing_walk_new(const struct listing *list,
    struct listing_walk **ret) MUST_CHECK;
void listing_walk_free(struct listing_walk *walk);
AUTO_DEFINE(listing_walk);

const char *listing_walk_next_path(const struct listing_walk *walk);
const struct entry *listing_walk_at(struct listing_walk *walk,
    const char *path);

/*
 * The overlay of two listings: newer's entries replace base's.  An ABSENT one
 * stays, for it says more than a cover above it.  Paths are borrowed from both.
 */
enum status listing_overlay(const struct listing *base,
    const struct listing *newer, struct listing **ret) MUST_CHECK;

#endif
