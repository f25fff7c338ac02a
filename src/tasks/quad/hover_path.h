/* SPDX-License-Identifier: MIT */
/* The way of the setpoint of `[track]`: a lap of it as a curve, and as rows for the flights. */
#ifndef EVO_HOVER_PATH_H
#define EVO_HOVER_PATH_H

#include <evompi/config.h>

/// track.path
#define EVO_HOVER_PATHS(CHOICE)                \
    CHOICE(EVO_PATH_FIGURE_EIGHT, figure_eight) \
    CHOICE(EVO_PATH_CIRCLE, circle)            \
    CHOICE(EVO_PATH_WAYPOINTS, waypoints)
enum evo_hover_path_kind { EVO_HOVER_PATHS(EVO_CHOICE_NAME) };

/// A closed curve about the setpoint of hover, in world axes.
struct evo_hover_path {
    enum evo_hover_path_kind kind;
    double lap_s;      ///< as it is set; flights have the nearest whole number of steps
    double radius_m;   ///< but for waypoints
    size_t n;          ///< waypoints
    double *waypoints; ///< [n][3], m
    double *tangents;  ///< [n][3], m per m of the way
    double *reached;   ///< [n + 1]: length of the way by straight lines to each, and home
};

/// Reads [track]. Waypoints: a closed cubic through all of them, in time by the lengths of the
/// straight lines between them. Released with evo_hover_path_fini.
enum evo_status evo_hover_path_read(const struct evo_config *config, struct evo_hover_path *out);
void evo_hover_path_fini(struct evo_hover_path *path);

/// Where `file` of [track] names a file, takes the waypoints from there; then there is no file any
/// more.
enum evo_status evo_waypoints_include(struct evo_config *config);

/// One row for each step of a lap: place, velocity, acceleration [*n_lap][EVO_HOVER_PATH]; released
/// with free(). By +, -, *, / and sqrt alone: the same bits everywhere.
enum evo_status evo_hover_path_rows(const struct evo_hover_path *path, double dt_s, double **rows,
                                    uint64_t *n_lap);

#endif
