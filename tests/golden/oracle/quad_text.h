/* SPDX-License-Identifier: MIT */
/* The rollout in one precision: quad.c includes it for each, with REAL, FMA, SQRT and NAME given.
 */

/* ---- the vehicle ----------------------------------------------------------------------------- */

struct NAME(body) {
    REAL place[3], velocity[3], attitude[4], rates[3], motors[EVO_ROTORS];
};

/* What a step adds to velocity and body rates, and two derivatives of the attitude. */
struct NAME(change) {
    REAL velocity[3], rates[3], attitude[4];
};

/* Below `low`, or no number: `low`. */
static REAL NAME(limit)(REAL x, REAL low, REAL high)
{
    if (!(x > low)) { x = low; }
    if (!(x < high)) { x = high; }
    return x;
}

static REAL NAME(square)(const REAL *x) { return FMA(x[2], x[2], FMA(x[1], x[1], x[0] * x[0])); }

/* A motor after a time in which it closes the share `rise` or `fall` of its gap. */
static REAL NAME(follow)(REAL motor, REAL command, double rise, double fall)
{
    REAL gap = command - motor;
    return FMA(gap < 0 ? (REAL)fall : (REAL)rise, gap, motor);
}

/* effect[0]: the rotors' push along body z in a step; effect[1..3]: what they turn. */
static void NAME(rotors)(const struct evo_vehicle_step *c, const REAL *motors, REAL *effect)
{
    REAL thrust[EVO_ROTORS];
    for (int r = 0; r < EVO_ROTORS; r++) {
        REAL inner = FMA((REAL)c->thrust[2], motors[r], (REAL)c->thrust[1]);
        thrust[r] = FMA(inner, motors[r], (REAL)c->thrust[0]);
    }
    effect[0] = ((thrust[0] + thrust[1]) + (thrust[2] + thrust[3])) * (REAL)c->impulse;
    for (int axis = 0; axis < 3; axis++) {
        REAL turn = (REAL)c->twist[axis];
        for (int r = 0; r < EVO_ROTORS; r++) {
            turn = FMA((REAL)c->moment[axis][r], thrust[r], turn);
        }
        effect[1 + axis] = turn;
    }
}

/* Column j of `matrix` is body axis j in the world. */
static void NAME(matrix)(const REAL *attitude, REAL matrix[3][3])
{
    REAL scalar = attitude[0];
    const REAL *vector = attitude + 1;
    for (int i = 0; i < 3; i++) {
        int j = (i + 1) % 3, k = (i + 2) % 3;
        REAL both = vector[i] * vector[j];
        matrix[i][j] = 2 * FMA(-scalar, vector[k], both);
        matrix[j][i] = 2 * FMA(scalar, vector[k], both);
        matrix[i][i] = FMA(-2, vector[j] * vector[j] + vector[k] * vector[k], 1);
    }
}

/* Drag along each body axis, subtracted from the change of velocity. */
static void NAME(drag)(const struct evo_vehicle_step *c, const REAL *wind,
                       const struct NAME(body) * body, REAL *velocity)
{
    REAL matrix[3][3], air[3];
    const REAL *m = body->motors;
    NAME(matrix)(body->attitude, matrix);
    for (int i = 0; i < 3; i++) { air[i] = body->velocity[i] - wind[i]; }
    REAL speed = SQRT(NAME(square)(air));
    for (int j = 0; j < 3; j++) {
        REAL along = matrix[0][j] * air[0];
        along = FMA(matrix[1][j], air[1], along);
        along = FMA(matrix[2][j], air[2], along);
        REAL factor = FMA((REAL)c->quadratic[j], speed, (REAL)c->linear[j]);
        factor = FMA((REAL)c->rotor[j], (m[0] + m[1]) + (m[2] + m[3]), factor);
        for (int i = 0; i < 3; i++) {
            velocity[i] = FMA(-matrix[i][j], factor * along, velocity[i]);
        }
    }
}

/* The changes of velocity and rates by what the rotors do. */
static void NAME(accelerate)(const struct evo_vehicle_step *c, const REAL *wind,
                             const struct NAME(body) * body, const REAL *effect,
                             struct NAME(change) * change)
{
    const REAL *q = body->attitude, *rates = body->rates;
    REAL lift = effect[0], twice = lift + lift;
    change->velocity[0] = FMA(twice, FMA(q[0], q[2], q[1] * q[3]), (REAL)c->velocity[0]);
    change->velocity[1] = FMA(twice, FMA(-q[0], q[1], q[2] * q[3]), (REAL)c->velocity[1]);
    change->velocity[2] = FMA(-twice, FMA(q[2], q[2], q[1] * q[1]), lift + (REAL)c->velocity[2]);
    if (c->has_drag) { NAME(drag)(c, wind, body, change->velocity); }
    for (int i = 0; i < 3; i++) {
        REAL both = rates[(i + 1) % 3] * rates[(i + 2) % 3];
        change->rates[i] = FMA((REAL)c->gyro[i], both, effect[1 + i]);
    }
}

/* q * (0, rates), the scalar part first. */
static void NAME(turn)(const REAL *q, const REAL *rates, REAL *out)
{
    out[0] = 0 - q[1] * rates[0];
    out[0] = FMA(-q[2], rates[1], out[0]);
    out[0] = FMA(-q[3], rates[2], out[0]);
    for (int i = 0; i < 3; i++) {
        int j = (i + 1) % 3, k = (i + 2) % 3;
        out[1 + i] = FMA(q[1 + j], rates[k], q[0] * rates[i]);
        out[1 + i] = FMA(-q[1 + k], rates[j], out[1 + i]);
    }
}

/* q *= (3 - |q|^2) / 2 */
static void NAME(shorten)(REAL *q)
{
    REAL square = q[0] * q[0];
    for (int i = 1; i < 4; i++) { square = FMA(q[i], q[i], square); }
    REAL factor = FMA((REAL)-0.5, square, (REAL)1.5);
    for (int i = 0; i < 4; i++) { q[i] *= factor; }
}

static void NAME(semi_implicit)(const struct evo_vehicle_step *c, const REAL *wind,
                                const REAL *command, struct NAME(body) * body)
{
    REAL effect[4], h = (REAL)c->h_s;
    struct NAME(change) change;
    for (int r = 0; r < EVO_ROTORS; r++) {
        body->motors[r] = NAME(follow)(body->motors[r], command[r], c->rise, c->fall);
    }
    NAME(rotors)(c, body->motors, effect);
    NAME(accelerate)(c, wind, body, effect, &change);
    for (int i = 0; i < 3; i++) {
        body->velocity[i] += change.velocity[i];
        body->rates[i] += change.rates[i];
        body->place[i] = FMA(h, body->velocity[i], body->place[i]);
    }
    NAME(turn)(body->attitude, body->rates, change.attitude);
    for (int i = 0; i < 4; i++) {
        body->attitude[i] = FMA((REAL)0.5 * h, change.attitude[i], body->attitude[i]);
    }
    NAME(shorten)(body->attitude);
}

/* All changes of a step at `body`, with its motors where they are. */
static void NAME(slope)(const struct evo_vehicle_step *c, const REAL *wind,
                        const struct NAME(body) * body, struct NAME(change) * change)
{
    REAL effect[4];
    NAME(rotors)(c, body->motors, effect);
    NAME(accelerate)(c, wind, body, effect, change);
    NAME(turn)(body->attitude, body->rates, change->attitude);
}

/* `body` after a share of a step; the attitude's derivative counts twice too much. */
static void NAME(go)(REAL share, REAL h, const struct NAME(change) * change,
                     struct NAME(body) * body)
{
    for (int i = 0; i < 3; i++) {
        body->velocity[i] = FMA(share, change->velocity[i], body->velocity[i]);
        body->rates[i] = FMA(share, change->rates[i], body->rates[i]);
    }
    for (int i = 0; i < 4; i++) {
        body->attitude[i] = FMA((REAL)0.5 * share * h, change->attitude[i], body->attitude[i]);
    }
}

static struct NAME(change) NAME(sum)(const struct NAME(change) * a, const struct NAME(change) * b)
{
    struct NAME(change) sum;
    for (int i = 0; i < 3; i++) {
        sum.velocity[i] = a->velocity[i] + b->velocity[i];
        sum.rates[i] = a->rates[i] + b->rates[i];
    }
    for (int i = 0; i < 4; i++) { sum.attitude[i] = a->attitude[i] + b->attitude[i]; }
    return sum;
}

/* Stages 0 to 3 of the classical method: how far along the slope before, and with which motors. */
static void NAME(rk4)(const struct evo_vehicle_step *c, const REAL *wind, const REAL *command,
                      struct NAME(body) * body)
{
    static const double shares[4] = {0, 0.5, 0.5, 1};
    const REAL h = (REAL)c->h_s, third = (REAL)(1.0 / 3.0), sixth = (REAL)(1.0 / 6.0);
    struct NAME(change) slope[4];
    REAL motors[4][EVO_ROTORS];
    for (int r = 0; r < EVO_ROTORS; r++) {
        REAL now = body->motors[r];
        motors[0][r] = c->at_once ? command[r] : now;
        motors[1][r] = NAME(follow)(now, command[r], c->rise_half, c->fall_half);
        motors[2][r] = motors[1][r];
        motors[3][r] = NAME(follow)(now, command[r], c->rise, c->fall);
    }
    for (int stage = 0; stage < 4; stage++) {
        struct NAME(body) at = *body;
        if (stage > 0) { NAME(go)((REAL)shares[stage], h, &slope[stage - 1], &at); }
        memcpy(at.motors, motors[stage], sizeof at.motors);
        NAME(slope)(c, wind, &at, &slope[stage]);
    }
    struct NAME(change) inner = NAME(sum)(&slope[1], &slope[2]);
    for (int i = 0; i < 3; i++) {
        REAL all = slope[0].velocity[i] + inner.velocity[i];
        REAL mean = FMA(sixth, all, body->velocity[i]);
        body->place[i] = FMA(h, mean, body->place[i]);
    }
    struct NAME(change) outer = NAME(sum)(&slope[0], &slope[3]);
    NAME(go)(sixth, h, &outer, body);
    NAME(go)(third, h, &inner, body);
    memcpy(body->motors, motors[3], sizeof body->motors);
    NAME(shorten)(body->attitude);
}

/* ---- what the controller sees ------------------------------------------------------------------
 */

/* What a flight remembers from step to step. */
struct NAME(flight) {
    struct NAME(body) body;
    REAL integral[3], filter[3], model[EVO_ROTORS];  // of the inputs
    REAL last[EVO_ROTORS];                           // command of the step before
    REAL queue[EVO_HOVER_DELAY_MAX + 1][EVO_ROTORS]; // commands on their way, oldest first
    REAL states[EVO_HOVER_STATES_MAX];
    REAL cost, steps_flown;
    bool crashed, filter_begun;
    double turbulence[3];
};

/* Position error, velocity, attitude and rates as sensors have them. */
static void NAME(measure)(const struct evo_hover_setting *s, const double *noise,
                          const REAL *setpoint, struct NAME(body) * seen)
{
    if (s->has_disturbance) {
        REAL angle[3], turned[4];
        for (int i = 0; i < 3; i++) {
            seen->place[i] += (REAL)noise[i];
            seen->velocity[i] += (REAL)noise[3 + i];
            angle[i] = (REAL)noise[6 + i];
            seen->rates[i] += (REAL)noise[9 + i];
        }
        NAME(turn)(seen->attitude, angle, turned);
        for (int i = 0; i < 4; i++) {
            seen->attitude[i] = FMA((REAL)0.5, turned[i], seen->attitude[i]);
        }
        NAME(shorten)(seen->attitude);
    }
    for (int i = 0; i < 3 && s->path != NULL; i++) { seen->place[i] -= setpoint[i]; }
}

/* The inputs that a flight remembers something for; returns how many. */
static int NAME(remembered)(const struct evo_hover_setting *s, const REAL *base,
                            struct NAME(flight) * f, REAL *in)
{
    int n = 0;
    for (int i = 0; i < 3 && s->sees_integral; i++) {
        REAL sum = FMA((REAL)s->dt_s, base[i], f->integral[i]), end = (REAL)s->integral_limit;
        in[n++] = f->integral[i] = NAME(limit)(sum, -end, end);
    }
    for (int i = 0; i < 3 && s->sees_acceleration; i++) {
        if (!f->filter_begun) { f->filter[i] = base[3 + i]; }
        REAL step = (REAL)s->acceleration_share * (base[3 + i] - f->filter[i]);
        in[n++] = (REAL)s->acceleration_scale * step;
        f->filter[i] += step;
    }
    f->filter_begun = true;
    for (int r = 0; r < EVO_ROTORS && s->sees_motor; r++) {
        f->model[r] = NAME(follow)(f->model[r], f->last[r], s->rise, s->fall);
        in[n++] = f->model[r] - (REAL)s->hover_command;
    }
    for (int r = 0; r < EVO_ROTORS && s->sees_command; r++) {
        in[n++] = f->last[r] - (REAL)s->hover_command;
    }
    return n;
}

/* All inputs in the controller's order; `path` is the setpoint's place, velocity, acceleration. */
static int NAME(observe)(const struct evo_hover_setting *s, const double *noise, const REAL *path,
                         struct NAME(flight) * f, REAL *in)
{
    struct NAME(body) seen = f->body;
    REAL matrix[3][3], clip = (REAL)s->clip_m;
    NAME(measure)(s, noise, path, &seen);
    for (int i = 0; i < 3; i++) {
        in[i] = NAME(limit)(seen.place[i], -clip, clip);
        in[3 + i] = seen.velocity[i];
        in[6 + i] = (seen.attitude[0] < 0 ? -2 : 2) * seen.attitude[1 + i];
        in[9 + i] = seen.rates[i];
    }
    int n = 12 + NAME(remembered)(s, in, f, in + 12);
    NAME(matrix)(seen.attitude, matrix);
    for (int i = 0; i < 9 && s->sees_rotation; i++) { in[n++] = matrix[i / 3][i % 3]; }
    for (int i = 0; i < 3 && s->sees_path_velocity; i++) { in[n++] = path[3 + i]; }
    for (int i = 0; i < 3 && s->sees_path_acceleration; i++) { in[n++] = path[6 + i]; }
    return n;
}

/* ---- the controller ----------------------------------------------------------------------------
 */

static REAL NAME(row)(const double *weights, const REAL *columns, int n, double constant)
{
    REAL sum = (REAL)weights[0] * columns[0];
    for (int j = 1; j < n; j++) { sum = FMA((REAL)weights[j], columns[j], sum); }
    return sum + (REAL)constant;
}

/* An odd rational function instead of tanh. */
static REAL NAME(squash)(REAL x)
{
    x = NAME(limit)(x, (REAL)-18.8, (REAL)18.8);
    REAL square = x * x, above = (REAL)tanh_above[9], below = (REAL)tanh_below[9];
    for (int i = 8; i >= 0; i--) {
        above = FMA(above, square, (REAL)tanh_above[i]);
        below = FMA(below, square, (REAL)tanh_below[i]);
    }
    return x * above / below;
}

/* A genome: rows of the hidden units, rows of states and rotors, constants in the same order. */
static void NAME(control)(const struct evo_hover_setting *s, const double *genome, const REAL *in,
                          int n_in, struct NAME(flight) * f, REAL *command)
{
    const int n_states = s->n_states, n_hidden = s->n_hidden, n_rows = n_states + EVO_ROTORS;
    const int n_seen = n_states + n_in, n_all = n_seen + n_hidden;
    const double *rows = genome + n_hidden * n_seen, *constants = rows + n_rows * n_all;
    REAL columns[EVO_HOVER_STATES_MAX + EVO_HOVER_INPUTS_MAX + EVO_HOVER_HIDDEN_MAX];
    REAL out[EVO_HOVER_STATES_MAX + EVO_ROTORS], end = (REAL)s->state_limit;
    memcpy(columns, f->states, (size_t)n_states * sizeof *columns);
    memcpy(columns + n_states, in, (size_t)n_in * sizeof *columns);
    for (int i = 0; i < n_hidden; i++) {
        REAL sum = NAME(row)(genome + i * n_seen, columns, n_seen, constants[i]);
        columns[n_seen + i] = NAME(squash)(sum);
    }
    for (int i = 0; i < n_rows; i++) {
        out[i] = NAME(row)(rows + i * n_all, columns, n_all, constants[n_hidden + i]);
    }
    for (int i = 0; i < n_states; i++) { f->states[i] = NAME(limit)(out[i], -end, end); }
    for (int r = 0; r < EVO_ROTORS; r++) {
        command[r] = NAME(limit)(out[n_states + r] + (REAL)s->hover_command, 0, 1);
    }
}

/* ---- the flight --------------------------------------------------------------------------------
 */

static void NAME(begin)(const struct evo_hover_setting *s, const struct evo_hover_flight *drawn,
                        struct NAME(flight) * f)
{
    memset(f, 0, sizeof *f);
    for (int i = 0; i < 3; i++) {
        f->body.place[i] = (REAL)drawn->start.p[i];
        f->body.velocity[i] = (REAL)drawn->start.v[i];
        f->body.rates[i] = (REAL)drawn->start.w[i];
    }
    for (int i = 0; i < 4; i++) { f->body.attitude[i] = (REAL)drawn->start.q[i]; }
    for (int r = 0; r < EVO_ROTORS; r++) {
        f->body.motors[r] = (REAL)drawn->start.m[r];
        f->model[r] = f->last[r] = (REAL)s->hover_command;
        for (int d = 0; d < drawn->delay; d++) { f->queue[d][r] = (REAL)s->hover_command; }
    }
}

/* What a step costs, after it. Sets f->crashed. */
static REAL NAME(judge)(const struct evo_hover_setting *s, const REAL *setpoint,
                        const REAL *command, struct NAME(flight) * f)
{
    REAL error[3], effort = 0, change = 0;
    for (int i = 0; i < 3; i++) {
        error[i] = f->body.place[i];
        if (s->path != NULL) { error[i] -= setpoint[i]; }
    }
    REAL away = NAME(square)(error), turning = NAME(square)(f->body.rates);
    for (int r = 0; r < EVO_ROTORS; r++) {
        REAL above = command[r] - (REAL)s->hover_command, jump = command[r] - f->last[r];
        effort = FMA(above, above, effort);
        change = FMA(jump, jump, change);
    }
    REAL cost = (REAL)s->weight_position * away;
    if (s->weight_away > 0) {
        REAL gone = away / (away + (REAL)(s->away_m * s->away_m));
        cost = FMA((REAL)s->weight_away, gone, cost);
    }
    cost = FMA((REAL)s->weight_rate, turning, cost);
    cost = FMA((REAL)s->weight_effort, effort, cost);
    cost = FMA((REAL)s->weight_change, change, cost);
    /* No number is inside of anything. */
    bool inside = away <= (REAL)(s->bound_m * s->bound_m) &&
                  turning <= (REAL)(s->rate_limit * s->rate_limit) &&
                  f->body.place[2] >= (REAL)-s->height_m;
    if (!inside) { f->crashed = true; }
    return cost;
}

/* The place, velocity and acceleration of the setpoint after `step` steps. */
static void NAME(find_path)(const struct evo_hover_setting *s, const struct evo_hover_flight *drawn,
                            uint64_t step, REAL path[EVO_HOVER_PATH])
{
    uint64_t row = s->path != NULL ? (drawn->path_first + step) % s->n_lap : 0;
    for (uint64_t i = 0; i < EVO_HOVER_PATH; i++) {
        path[i] = s->path != NULL ? (REAL)s->path[row * EVO_HOVER_PATH + i] : 0;
    }
}

/* From one command to the next; the command that is `delay` steps old is flown. */
static void NAME(fly_step)(const struct evo_hover_setting *s, const struct evo_hover_flight *drawn,
                           const double *genome, uint64_t step, struct NAME(flight) * f)
{
    REAL in[EVO_HOVER_INPUTS_MAX], command[EVO_ROTORS], path[EVO_HOVER_PATH], next[EVO_HOVER_PATH];
    double noise[EVO_HOVER_BASE] = {0}, air[3];
    REAL wind[3];
    find_noise(s, drawn, step, noise);
    find_wind(s, drawn, step, f->turbulence, air);
    for (int i = 0; i < 3; i++) { wind[i] = (REAL)air[i]; }
    NAME(find_path)(s, drawn, step, path);
    NAME(find_path)(s, drawn, step + 1, next);
    int n_in = NAME(observe)(s, noise, path, f, in);
    if (n_in != EVO_HOVER_BASE + evo_hover_more(s)) { abort(); } /* a sensor that is not known here */
    NAME(control)(s, genome, in, n_in, f, command);
    memcpy(f->queue[drawn->delay], command, sizeof command);
    for (int i = 0; i < s->substeps; i++) {
        if (drawn->vehicle.is_rk4) {
            NAME(rk4)(&drawn->vehicle, wind, f->queue[0], &f->body);
        } else {
            NAME(semi_implicit)(&drawn->vehicle, wind, f->queue[0], &f->body);
        }
    }
    memmove(f->queue[0], f->queue[1], sizeof f->queue - sizeof f->queue[0]);
    REAL cost = NAME(judge)(s, next, command, f);
    memcpy(f->last, command, sizeof command);
    if (f->crashed) { return; }
    f->cost += cost;
    f->steps_flown += 1;
}

static void NAME(tell)(const struct evo_hover_setting *s, const struct evo_hover_flight *drawn,
                       uint64_t number, uint64_t n_steps, const struct NAME(flight) * f,
                       oracle_quad_row *row, void *context)
{
    double x[EVO_TRACK_COLUMNS];
    REAL path[EVO_HOVER_PATH];
    size_t n = 0;
    NAME(find_path)(s, drawn, n_steps, path);
    x[n++] = (double)number;
    x[n++] = (double)n_steps * drawn->vehicle.h_s * s->substeps;
    for (int i = 0; i < 3; i++) { x[n++] = (double)(f->body.place[i] - path[i]); }
    for (int i = 0; i < 3; i++) { x[n++] = (double)f->body.velocity[i]; }
    for (int i = 0; i < 4; i++) { x[n++] = (double)f->body.attitude[i]; }
    for (int i = 0; i < 3; i++) { x[n++] = (double)f->body.rates[i]; }
    for (int r = 0; r < EVO_ROTORS; r++) { x[n++] = (double)f->last[r]; }
    x[n++] = mean_cost(s, n_steps, (double)f->cost, (double)f->steps_flown);
    for (int i = 0; i < 3 && s->path != NULL; i++) { x[n++] = (double)path[i]; }
    row(context, x, n);
}

static double NAME(fly)(const struct evo_hover_setting *s, const struct evo_hover_flight *drawn,
                        uint64_t number, const double *genome, oracle_quad_row *row, void *context)
{
    struct NAME(flight) f;
    NAME(begin)(s, drawn, &f);
    for (uint64_t step = 0; step < drawn->n_steps; step++) {
        NAME(fly_step)(s, drawn, genome, step, &f);
        if (row != NULL) { NAME(tell)(s, drawn, number, step + 1, &f, row, context); }
    }
    return mean_cost(s, drawn->n_steps, (double)f.cost, (double)f.steps_flown);
}
