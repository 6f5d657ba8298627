/* SPDX-License-Identifier: MIT */
#ifndef DSYNC_PRESET_SHOW_H
#define DSYNC_PRESET_SHOW_H

/* A preset as people and programs are told of it. */

struct preset;

/* As it could stand in presets.conf. */
void preset_show(const struct preset *p);

/* One line of a list. */
void preset_show_line(const struct preset *p);

void preset_show_json(const struct preset *p);

#endif
