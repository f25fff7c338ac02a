/* SPDX-License-Identifier: MIT */
/* The keys of the task track: the section [track]. */
#ifndef EVO_TRACK_KEYS_H
#define EVO_TRACK_KEYS_H

#include <evompi/config.h>

#include "hover_path.h"
#include "hover_sensors.h"

/* clang-format off */
#define EVO_TRACK_KEYS(KEY) \
    KEY(track, path, CHOICE, FIXED, "figure_eight", 0, 0, EVO_CHOICE_WORDS(EVO_HOVER_PATHS), "", "how the setpoint moves; all else of the task track is in [hover]") \
    KEY(track, lap, REAL, FIXED, "5.5", 1e-3, 86400, "", "s", "time of a lap, rounded to whole steps of hover.dt") \
    KEY(track, radius, REAL, FIXED, "1", 0, 1000, "", "m", "of the circle; a figure-eight goes so far along y, and half of it along x") \
    KEY(track, waypoints, TEXT, FIXED, "none", 0, 0, "", "m", "x y z, and a comma between waypoints; the way is closed and smooth, and z counts from hover.height") \
    KEY(track, file, TEXT, FIXED, "none", 0, 0, "", "", "a CSV file of waypoints, a line x,y,z for each, from which track.waypoints is taken") \
    EVO_TRACK_SENSORS(EVO_SENSOR_KEYS, KEY)
/* clang-format on */

/// The values as the fields of struct evo_track_keys; evo_track_keys(config) gives them.
EVO_KEYS_DECLARE(track, EVO_TRACK_KEYS)

#endif
