/* SPDX-License-Identifier: MIT */
/* What champion.csv says of the hover task's vehicle and step. */
#include "hover.h"

enum evo_status evo_hover_describe(struct evo_hover_task *task, const struct evo_config *config)
{
    const struct evo_vehicle *v = &task->vehicle;
    char *text = NULL;
    size_t n = 0;
    FILE *out = open_memstream(&text, &n);
    EVO_CHECK(out != NULL, EVO_ERR_MEMORY, "hover: no memory for its description");
    const struct evo_hover_setting *s = &task->setting;
    const struct {
        const char *key, *unit;
        double value;
    } rows[] = {
        {"mass", "kg", v->mass_kg},
        {"Ixx", "kg m^2", v->inertia[0]},
        {"Iyy", "kg m^2", v->inertia[1]},
        {"Izz", "kg m^2", v->inertia[2]},
        {"c0", "N", v->thrust[0]},
        {"c1", "N", v->thrust[1]},
        {"c2", "N", v->thrust[2]},
        {"torque_ratio", "m", v->torque_m},
        {"rise", "s", v->rise_s},
        {"fall", "s", v->fall_s},
        {"gravity", "m/s^2", 9.81},
        {"hover_command", "1", s->hover_command},
        {"clip", "m", s->clip_m},
        {"state_limit", "1", s->state_limit},
        {"dt", "s", config->hover_dt},
        {"substeps", "1", s->substeps},
        {"delay_min", "steps", task->spread.delay_min},
        {"delay_max", "steps", task->spread.delay_max},
        {"integral_limit", "m s", s->integral_limit},
        {"bound", "m", s->bound_m},
        {"rate_limit", "rad/s", s->rate_limit},
        {"crash_cost", "1", s->crash_cost},
    };
    char number[32], x[32], y[32];
    fprintf(out, "vehicle,%s,\nprecision,%s,\n", v->name,
            evo_config_word(config, "task.precision"));
    fprintf(out, "integrator,%s,\n", evo_config_word(config, "hover.integrator"));
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        fprintf(out, "%s,%s,%s\n", rows[i].key, evo_text_number(number, rows[i].value),
                rows[i].unit);
    }
    for (int i = 0; i < EVO_ROTORS; i++) {
        fprintf(out, "rotor_%d,x %s y %s spin %+d,m\n", i, evo_text_number(x, v->x_m[i]),
                evo_text_number(y, v->y_m[i]), (int)v->spin[i]);
    }
    bool failed = ferror(out) != 0;
    failed |= fclose(out) != 0;
    task->head.description = text;
    EVO_CHECK(!failed, EVO_ERR_MEMORY, "hover: no memory for its description");
    return EVO_OK;
}
