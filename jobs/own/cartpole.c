/* SPDX-License-Identifier: MIT */
/* A pole on a cart that a force pushes: hold it upright, and the cart near the middle [Barto et al. 1983]. */
#include <evompi/rollout.h>

struct settings { real gravity, cart, pole, half_length, force, track, angle_limit, weight_place, weight_force, spread; };
#define KEY(...) EVO_KEY_ROW_REAL(struct settings, __VA_ARGS__)
static const struct evo_key keys[] = {
    KEY(gravity, "9.8", 0, 100, "m/s^2", "acceleration of free fall"),
    KEY(cart, "1", 0.01, 100, "kg", "mass of the cart"),
    KEY(pole, "0.1", 0.001, 100, "kg", "mass of the pole"),
    KEY(half_length, "0.5", 0.01, 100, "m", "from the joint to the pole's centre of mass"),
    KEY(force, "10", 0.1, 1000, "N", "largest force on the cart"),
    KEY(track, "2.4", 0.1, 100, "m", "a cart this far from the middle has crashed"),
    KEY(angle_limit, "0.20943951", 0.01, 1.5, "rad", "a pole at this angle has fallen"),
    KEY(weight_place, "0.1", 0, 100, "1/m^2", "price of the squared distance from the middle"),
    KEY(weight_force, "0.01", 0, 100, "1", "price of the squared output"),
    KEY(spread, "0.05", 0, 0.2, "m, m/s, rad, rad/s", "starts lie up to this far from rest"),
};
static const struct evo_rollout_signal inputs[] = {
    {"x", "m", "place of the cart"}, {"v", "m/s", "its velocity"},
    {"angle", "rad", "of the pole from upright"}, {"rate", "rad/s", "its angular velocity"},
};
static const struct evo_rollout_signal outputs[] = {{"push", "of force", "on the cart", -1, 1}};
static const struct evo_rollout_signal trace[] = {
    {"x", "m", "place of the cart"}, {"angle", "rad", "of the pole from upright"},
};

struct cart { vec x, v, angle, rate; };

static void begin(const struct settings *s, struct evo_draw *draw, struct cart *c)
{
    vec *all[] = {&c->x, &c->v, &c->angle, &c->rate};
    for (int i = 0; i < 4; i++) { *all[i] = vec_all((real)evo_draw_between(draw, -s->spread, s->spread)); }
}

static void observe(const struct settings *s, const struct cart *c, vec *in)
{
    (void)s;
    in[0] = c->x, in[1] = c->v, in[2] = c->angle, in[3] = c->rate;
}

static void advance(const struct settings *s, real dt, const vec *out, struct cart *c)
{
    const real mass = s->cart + s->pole, moment = s->pole * s->half_length, third = (real)(4.0 / 3.0);
    vec sine = vec_sin(c->angle), cosine = vec_cos(c->angle);
    vec push = (s->force * out[0] + moment * c->rate * c->rate * sine) / mass;
    vec turn = (s->gravity * sine - cosine * push) / (s->half_length * (third - s->pole / mass * cosine * cosine));
    c->x += dt * c->v;
    c->v += dt * (push - moment / mass * turn * cosine);
    c->angle += dt * c->rate;
    c->rate += dt * turn;
}

static vec cost(const struct settings *s, const struct cart *c, const vec *out, vec_bool *crashed)
{
    *crashed = (vec_abs(c->x) > s->track) | (vec_abs(c->angle) > s->angle_limit);
    return c->angle * c->angle + s->weight_place * c->x * c->x + s->weight_force * out[0] * out[0];
}

static void row(const struct settings *s, const struct cart *c, vec *values)
{
    (void)s;
    values[0] = c->x, values[1] = c->angle;
}

EVO_ROLLOUT(struct settings, struct cart) = {
    EVO_ROLLOUT_HEAD, .name = "cartpole", .summary = "balance a pole on a cart",
    .dt_s = 0.02, .duration_s = 10, .crash_cost = 2, .cases = 16,
};
