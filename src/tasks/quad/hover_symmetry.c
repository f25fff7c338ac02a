/* SPDX-License-Identifier: MIT */
/* The symmetry of a quadcopter, as what creatures keep to: the two lateral axes get the same gains,
 * and what lifts, tilts and turns has its own. */
#include "hover.h"

#include <math.h>

/* How the four rotors act together, and how lateral signals of the world tilt the vehicle: along x
 * by a turn about y, along y by one about -x. */
struct patterns {
    double lift[EVO_ROTORS], roll[EVO_ROTORS], pitch[EVO_ROTORS], yaw[EVO_ROTORS];
};

static struct patterns find_patterns(const struct evo_vehicle *vehicle)
{
    struct patterns p;
    double longest[2] = {0.0, 0.0};
    for (int i = 0; i < EVO_ROTORS; i++) {
        longest[0] = fmax(longest[0], fabs(vehicle->x_m[i]));
        longest[1] = fmax(longest[1], fabs(vehicle->y_m[i]));
    }
    for (int i = 0; i < EVO_ROTORS; i++) {
        p.lift[i] = 1.0;
        p.roll[i] = vehicle->y_m[i] / longest[1];
        p.pitch[i] = -vehicle->x_m[i] / longest[0];
        p.yaw[i] = vehicle->spin[i];
    }
    return p;
}

/* Rows under construction: adds to one parameter of row `row`. */
struct writer {
    const struct evo_basis *basis;
    size_t n_inputs, row, column;
};

static void add(const struct writer *w, size_t row, size_t column, const double *pattern,
                double factor)
{
    size_t n_genome = EVO_ROTORS * (w->n_inputs + 1);
    for (size_t i = 0; i < EVO_ROTORS; i++) {
        w->basis->rows[row * n_genome + i * w->n_inputs + column] += factor * pattern[i];
    }
}

/* ---- tie_SYMMETRY of the rows of hover_sensors.h: how many inputs it takes, how many gains it gives */

enum {
    world_inputs = 3,
    world_gains = 2,
    turn_inputs = 3,
    turn_gains = 2,
    rotors_inputs = EVO_ROTORS,
    rotors_gains = 3,
    rotation_inputs = 9,
    rotation_gains = 4,
};

/* Three inputs along world axes: one gain for both lateral axes, one for the vertical one. */
static void tie_world(struct writer *w, const struct patterns *p)
{
    add(w, w->row, w->column, p->pitch, 1.0);
    add(w, w->row, w->column + 1, p->roll, -1.0);
    add(w, w->row + 1, w->column + 2, p->lift, 1.0);
    w->row += world_gains;
    w->column += world_inputs;
}

/* Three inputs about body axes: one gain for roll and pitch, one for yaw. */
static void tie_turn(struct writer *w, const struct patterns *p)
{
    add(w, w->row, w->column, p->roll, 1.0);
    add(w, w->row, w->column + 1, p->pitch, 1.0);
    add(w, w->row + 1, w->column + 2, p->yaw, 1.0);
    w->row += turn_gains;
    w->column += turn_inputs;
}

/* An input for each rotor: a gain of their mean, of what tilts, and of what turns. */
static void tie_rotors(struct writer *w, const struct patterns *p)
{
    for (size_t j = 0; j < EVO_ROTORS; j++) {
        add(w, w->row, w->column + j, p->lift, p->lift[j] / EVO_ROTORS);
        add(w, w->row + 1, w->column + j, p->roll, p->roll[j] / EVO_ROTORS);
        add(w, w->row + 1, w->column + j, p->pitch, p->pitch[j] / EVO_ROTORS);
        add(w, w->row + 2, w->column + j, p->yaw, p->yaw[j] / EVO_ROTORS);
    }
    w->row += rotors_gains;
    w->column += rotors_inputs;
}

/* The rotation matrix, row by row: body z in the world; the vertical in the body; heading. */
static void tie_rotation(struct writer *w, const struct patterns *p)
{
    add(w, w->row, w->column + 2, p->pitch, 1.0);
    add(w, w->row, w->column + 5, p->roll, -1.0);
    add(w, w->row + 1, w->column + 8, p->lift, 1.0);
    add(w, w->row + 2, w->column + 6, p->pitch, -1.0);
    add(w, w->row + 2, w->column + 7, p->roll, 1.0);
    add(w, w->row + 3, w->column + 1, p->yaw, -0.5);
    add(w, w->row + 3, w->column + 3, p->yaw, 0.5);
    w->row += rotation_gains;
    w->column += rotation_inputs;
}

/* Rows for the gains of all inputs; with w = NULL they are counted alone. */
static size_t tie_all(const struct evo_hover_setting *setting, const struct patterns *p,
                      struct writer *w)
{
    size_t n = 0;
#define TIE(name, n_inputs, symmetry, is_seen)                                           \
    _Static_assert((int)(n_inputs) == (int)symmetry##_inputs, #name);                    \
    if (is_seen) {                                                                       \
        n += symmetry##_gains;                                                           \
        if (w != NULL) { tie_##symmetry(w, p); }                                         \
    }
#define BASE_ROW(name, n_inputs, symmetry, ...) TIE(name, n_inputs, symmetry, true)
#define ROW(name, n_inputs, symmetry, ...)      TIE(name, n_inputs, symmetry, setting->sees_##name)
    EVO_HOVER_BASE_SENSORS(BASE_ROW)
    EVO_HOVER_MORE_SENSORS(ROW)
#undef TIE
#undef BASE_ROW
#undef ROW
    return n;
}

enum evo_status evo_hover_symmetry_basis(const struct evo_hover_setting *setting,
                                       const struct evo_vehicle *vehicle, size_t n_inputs,
                                       struct evo_basis *out)
{
    const struct patterns patterns = find_patterns(vehicle);
    struct writer w = {.basis = out, .n_inputs = n_inputs};
    out->n_matrix = tie_all(setting, &patterns, NULL);
    out->n = out->n_matrix + 1;
    EVO_TRY(evo_alloc(out->n * EVO_ROTORS * (n_inputs + 1), sizeof *out->rows,
                      "the symmetry of the vehicle", &out->rows));
    (void)tie_all(setting, &patterns, &w);
    /* One constant for all rotors, behind the matrix. */
    double *constants = out->rows + w.row * EVO_ROTORS * (n_inputs + 1) + EVO_ROTORS * n_inputs;
    for (size_t i = 0; i < EVO_ROTORS; i++) { constants[i] = 1.0; }
    return EVO_OK;
}
