/* SPDX-License-Identifier: MIT */
/* A rollout for the tests: two inputs, two outputs, keys of all types, and every function of lanes.h. */
#include <evompi/rollout.h>

struct settings {
    bool curved;
    real stiffness, bound;
    int64_t power;
    int shape;
};
static const struct evo_key keys[] = {
    EVO_KEY_ROW_REAL(struct settings, stiffness, "0.3", -10, 10, "1/s^2", "of the spring"),
    EVO_KEY_ROW_BOOL(struct settings, curved, "yes", "the spring is no straight line"),
    EVO_KEY_ROW_INT(struct settings, power, "2", 1, 4, "", "of the price"),
    EVO_KEY_ROW_CHOICE(struct settings, shape, "sine", "sine|hyperbolic|angle", "of the spring"),
    EVO_KEY_ROW_REAL(struct settings, bound, "3", 0, 100, "m", "a mass this far away has crashed"),
};
static const struct evo_rollout_signal inputs[] = {{"x", "m", "where the mass is"}, {"v", "m/s", ""}};
static const struct evo_rollout_signal outputs[] = {
    {"left", "m/s^2", "pushes to the left", -0.1, 0.7},
    {"right", "", "", 0, 1e300},
};
static const struct evo_rollout_signal trace[] = {{"x", "m", "where the mass is"}};

struct mass {
    vec x, v, heavy;
};

static void begin(const struct settings *s, struct evo_draw *draw, struct mass *m)
{
    (void)s;
    m->x = vec_all((real)evo_draw_normal(draw));
    m->v = vec_all((real)evo_draw_between(draw, -1, 1));
    m->heavy = vec_all((real)(0.5 + evo_draw_uniform(draw)));
}

static void observe(const struct settings *s, const struct mass *m, vec *in)
{
    (void)s;
    in[0] = m->x;
    in[1] = vec_select(m->v > 1, 1, m->v);
}

static vec pull(const struct settings *s, const struct mass *m)
{
    if (!s->curved) { return s->stiffness * m->x; }
    switch (s->shape) {
    case 0: return s->stiffness * vec_sin(m->x) * vec_cos(m->v);
    case 1: return s->stiffness * vec_tanh(m->x) - vec_log(1 + vec_exp(-vec_abs(m->v)));
    default: return s->stiffness * vec_atan2(m->x, m->v) + vec_sqrt(vec_max(m->x, 0));
    }
}

static void advance(const struct settings *s, real dt, const vec *out, struct mass *m)
{
    vec force = vec_min(out[1], 5) - out[0] - pull(s, m);
    m->v += dt * force / m->heavy;
    m->x = vec_fma(m->v, dt, m->x);
}

static vec cost(const struct settings *s, const struct mass *m, const vec *out, vec_bool *crashed)
{
    vec price = vec_all(1);
    *crashed = ~(vec_abs(m->x) < s->bound);
    for (int64_t i = 0; i < s->power; i++) { price = price * vec_abs(m->x); }
    return price + (real)0.01 * (out[0] * out[0] + vec_clip(out[1], 0, 1));
}

static void row(const struct settings *s, const struct mass *m, vec *values)
{
    (void)s;
    values[0] = m->x;
}

EVO_ROLLOUT(struct settings, struct mass) = {
    EVO_ROLLOUT_HEAD, .name = "spring", .summary = "A mass at a spring, for the tests.",
    .manual = "x is where the mass is.\n", .dt_s = 0.05, .duration_s = 2, .crash_cost = 100, .cases = 3,
};
