/* SPDX-License-Identifier: MIT */
/* What champion.csv says of the hover task's vehicle and step. */
#include "hover.h"

struct row {
    const char *key, *unit;
    double value;
};

static void print_rows(FILE *out, const struct row *rows, size_t n)
{
    char number[32];
    for (size_t i = 0; i < n; i++) {
        fprintf(out, "%s,%s,%s\n", rows[i].key, evo_text_number(number, rows[i].value),
                rows[i].unit);
    }
}

static void print_vehicle(FILE *out, const struct evo_vehicle *v)
{
    const struct row rows[] = {
        {"gravity", "m/s^2", EVO_GRAVITY},
        {"mass", "kg", v->mass_kg},
        {"Ixx", "kg m^2", v->inertia[0]},
        {"Iyy", "kg m^2", v->inertia[1]},
        {"Izz", "kg m^2", v->inertia[2]},
        {"thrust_0", "N", v->thrust[0]},
        {"thrust_1", "N", v->thrust[1]},
        {"thrust_2", "N", v->thrust[2]},
        {"torque_ratio", "m", v->torque_m},
        {"rise", "s", v->rise_s},
        {"fall", "s", v->fall_s},
        {"linear_x", "N s/m", v->linear[0]},
        {"linear_y", "N s/m", v->linear[1]},
        {"linear_z", "N s/m", v->linear[2]},
        {"quadratic_x", "N s^2/m^2", v->quadratic[0]},
        {"quadratic_y", "N s^2/m^2", v->quadratic[1]},
        {"quadratic_z", "N s^2/m^2", v->quadratic[2]},
        {"rotor_x", "N s/m", v->rotor[0]},
        {"rotor_y", "N s/m", v->rotor[1]},
        {"rotor_z", "N s/m", v->rotor[2]},
    };
    fprintf(out, "vehicle,%s,as changed by the values below\n", v->name);
    print_rows(out, rows, sizeof rows / sizeof rows[0]);
    for (int i = 0; i < EVO_ROTORS; i++) {
        char number[32];
        fprintf(out, "x_%d,%s,m\n", i, evo_text_number(number, v->x_m[i]));
        fprintf(out, "y_%d,%s,m\n", i, evo_text_number(number, v->y_m[i]));
        fprintf(out, "spin_%d,%s,1\n", i, evo_text_number(number, v->spin[i]));
    }
}

static void print_step(FILE *out, const struct evo_hover_task *task,
                       const struct evo_config *config)
{
    const struct evo_hover_setting *s = &task->setting;
    const struct row rows[] = {
        {"dt", "s", s->dt_s},
        {"substeps", "1", s->substeps},
        {"delay_min", "steps", task->spread.delay_min},
        {"delay_max", "steps", task->spread.delay_max},
        {"hover_command", "1", s->hover_command},
        {"clip", "m", s->clip_m},
        {"integral_limit", "m s", s->integral_limit},
        {"acceleration_lag", "s", task->acceleration_lag_s},
        {"state_limit", "1", s->state_limit},
        {"duration", "s", (double)task->n_steps * s->dt_s},
        {"bound", "m", s->bound_m},
        {"rate_limit", "rad/s", s->rate_limit},
        {"height", "m", s->height_m},
        {"weight_position", "1/m^2", s->weight_position},
        {"weight_away", "1", s->weight_away},
        {"away", "m", s->away_m},
        {"weight_rate", "s^2", s->weight_rate},
        {"weight_effort", "1", s->weight_effort},
        {"weight_change", "1", s->weight_change},
        {"weight_size", "1", task->head.weight_size},
        {"crash_cost", "1", s->crash_cost},
    };
    fprintf(out, "integrator,%s,\n", evo_config_word(config, "hover.integrator"));
    fprintf(out, "precision,%s,\n", evo_config_word(config, "task.precision"));
    print_rows(out, rows, sizeof rows / sizeof rows[0]);
}

static void print_path(FILE *out, const struct evo_hover_task *task,
                       const struct evo_config *config)
{
    const struct evo_hover_path *path = &task->path;
    const struct row rows[] = {
        {"lap", "s", (double)task->setting.n_lap * task->setting.dt_s},
        {"radius", "m", path->radius_m},
    };
    fprintf(out, "track,%s,\n", evo_config_word(config, "track.path"));
    print_rows(out, rows, path->n > 0 ? 1 : 2);
    for (size_t i = 0; i < path->n; i++) {
        char number[3][32];
        const double *p = path->waypoints + 3 * i;
        fprintf(out, "waypoint_%zu,%s %s %s,m\n", i, evo_text_number(number[0], p[0]),
                evo_text_number(number[1], p[1]), evo_text_number(number[2], p[2]));
    }
}

enum evo_status evo_hover_describe(struct evo_hover_task *task, const struct evo_config *config)
{
    char *text = NULL;
    size_t n = 0;
    FILE *out = open_memstream(&text, &n);
    EVO_CHECK(out != NULL, EVO_ERR_MEMORY, "hover: no memory for its description");
    print_vehicle(out, &task->vehicle);
    print_step(out, task, config);
    if (task->setting.path != NULL) { print_path(out, task, config); }
    bool failed = ferror(out) != 0;
    failed |= fclose(out) != 0;
    task->head.description = text;
    EVO_CHECK(!failed, EVO_ERR_MEMORY, "hover: no memory for its description");
    return EVO_OK;
}
