/* SPDX-License-Identifier: MIT */
/* The task track: hover, but the setpoint moves along a closed way. */
#include "hover.h"
#include "hover_baseline.h"
#include "hover_keys.h"
#include "vehicle_keys.h"
#include "track_keys.h"

#include <stdlib.h>

extern const struct evo_task_kind evo_task_track;

/* The lowest place of the way must be as far above the ground as starts may lie below it. */
static enum evo_status check_height(const struct evo_hover_task *task,
                                    const struct evo_config *config)
{
    double lowest = 0.0;
    for (uint64_t k = 0; k < task->setting.n_lap; k++) {
        double z = task->setting.path[EVO_HOVER_PATH * k + 2];
        lowest = z < lowest ? z : lowest;
    }
    if (evo_hover_keys(config)->height + lowest >= evo_hover_keys(config)->position) { return EVO_OK; }
    return evo_config_refuse(config, "hover.height",
                             "the track goes down to %g m below it, and starts may lie %g m under "
                             "the track: below the ground; raise hover.height",
                             -lowest, evo_hover_keys(config)->position);
}

static enum evo_status init(struct evo_task *head, const struct evo_config *config)
{
    struct evo_hover_task *task = (struct evo_hover_task *)head;
    struct evo_hover_setting *s = &task->setting;
    EVO_TRY(evo_hover_path_read(config, &task->path));
    EVO_TRY(evo_hover_path_rows(&task->path, evo_hover_keys(config)->dt, &task->rows, &s->n_lap));
    s->path = task->rows;
#define ROW(name, n, symmetry, key, ...) s->sees_##name = evo_track_keys(config)->key;
    EVO_TRACK_SENSORS(ROW, EVO_SENSOR_NO_KEY)
#undef ROW
    EVO_TRY(check_height(task, config));
    EVO_TRY(evo_task_hover_init(head, config));
    head->trace = evo_hover_signals_track_trace;
    head->n_trace = EVO_TRACK_COLUMNS;
    return EVO_OK;
}

static size_t unused(const struct evo_config *config,
                     struct evo_config_unused rows[EVO_CONFIG_UNUSED_MAX / 2])
{
    size_t n = evo_task_hover_unused(config, rows);
    rows[n++] = (struct evo_config_unused){evo_track_keys(config)->path == EVO_PATH_WAYPOINTS, "track.radius",
                                           "track.path = waypoints has no radius", NULL};
    return n;
}

EVO_KEYS_DEFINE(track, EVO_TRACK_KEYS)
static const struct evo_key_table *const tables[] = {&evo_track_key_table, &evo_hover_key_table,
                                                     &evo_vehicle_key_table, NULL};

const struct evo_task_kind evo_task_track = {
    .name = "track",
    .summary = "follow a circle, a figure-eight or waypoints, in six degrees of freedom",
    .manual = evo_hover_signals_track_manual,
    .baselines = evo_hover_baseline_names,
    .baseline = evo_task_hover_baseline,
    .validate = evo_track_validate,
    .bytes = sizeof(struct evo_hover_task),
    .keys = tables,
    .include = evo_waypoints_include,
    .unused = unused,
    .init = init,
    .fini = evo_task_hover_fini,
    .steps = evo_task_hover_steps,
    .parts = evo_task_hover_parts,
    .fly = evo_task_hover_fly,
    .mean = true,
    .trace = evo_task_hover_trace,
};
