/* SPDX-License-Identifier: MIT */
/* The hover task's own parts: its struct, how flights are drawn, its plain flight, its trace. */
#ifndef EVO_HOVER_H
#define EVO_HOVER_H

#include <evompi/rng.h>

#include "hover_path.h"
#include <evompi/contract.h>
#include "vehicle.h"

/// One row of a hover trace: flight, t, position error, velocity, attitude, body rates, commands,
/// and the flight's cost so far. A track's rows go on with the place of the setpoint.
enum {
    EVO_HOVER_PLACE = 2,
    EVO_HOVER_COLUMNS = EVO_HOVER_PLACE + 3 + 3 + 4 + 3 + EVO_ROTORS + 1,
    EVO_TRACK_COLUMNS = EVO_HOVER_COLUMNS + 3,
};

enum { EVO_HOVER_INPUTS_MAX = EVO_HOVER_BASE + EVO_HOVER_MORE_MAX };

/// How far flights differ: uniform up to these, per axis where there are axes.
struct evo_hover_spread {
    double position_m, velocity, angle_rad, rate; ///< of the start; the angle about any axis
    double motor;                                 ///< of the motors' states at the start
    double mass, inertia, thrust, lag;            ///< shares of the vehicle's own values
    double push, twist;                           ///< constant accelerations, m/s^2 and rad/s^2
    double wind, gust;                            ///< m/s, horizontal, any direction
    double turbulence;                            ///< standard deviation, m/s
    uint64_t gust_steps;
    int delay_min, delay_max; ///< steps
};

/// What grows from generation to generation: its share in the first one.
struct evo_hover_curriculum {
    double generations; ///< 0: all is grown from the start
    double duration, angle, random;
};

/// The task's own struct.
struct evo_hover_task {
    struct evo_task head;
    struct evo_hover_setting setting;
    struct evo_vehicle vehicle;
    struct evo_hover_spread spread;
    struct evo_hover_curriculum curriculum;
    bool is_rk4;
    double h_s;                                ///< an integration step
    double acceleration_lag_s;                 ///< of the inputs of acceleration
    uint64_t seed, n_flights, n_selection, n_steps; ///< n_steps: of a flight when all is grown
    uint64_t n_validate, validate_seed;        ///< flights that no generation has
    double *draws;                             ///< what setting.draws points to; owned
    struct evo_hover_path path;                ///< of a track; else all zero
    double *rows;                              ///< what setting.path points to; owned
    struct evo_signal inputs[EVO_HOVER_INPUTS_MAX];
};

/// Draws a flight of n_steps: rng in, flight out, nothing else; every flight takes the same draws.
void evo_hover_draw(const struct evo_hover_task *task, const struct evo_hover_spread *spread,
                    uint64_t n_steps, struct evo_rng *rng, struct evo_hover_flight *flight);

/// Flight i of a generation, the same for all creatures, and the steps of each flight.
void evo_hover_draw_flight(const struct evo_hover_task *task, struct evo_cases cases, uint64_t i,
                           struct evo_hover_flight *flight);
uint64_t evo_hover_draw_steps(const struct evo_hover_task *task, struct evo_cases cases);

/// The symmetry of the vehicle: *out, whose rows are then the caller's. The inputs are those of
/// the setting; the controller has no state variables.
enum evo_status evo_hover_symmetry_basis(const struct evo_hover_setting *setting,
                                       const struct evo_vehicle *vehicle, size_t n_inputs,
                                       struct evo_basis *out);

/// Sets the time between two commands, and what the controller's inputs make of it.
void evo_task_hover_set_dt(struct evo_hover_task *task, double dt_s);

/// The normal draws behind noise and turbulence, for setting.draws: [EVO_HOVER_DRAWS].
enum evo_status evo_hover_draw_table(uint64_t seed, double **draws);

/// The vehicle, the step and the inputs as lines of `key,value,unit`: task->head.description.
enum evo_status evo_hover_describe(struct evo_hover_task *task, const struct evo_config *config);

/// Names the inputs that the setting asks for, and returns how many there are.
size_t evo_hover_signals_inputs(const struct evo_hover_setting *setting, struct evo_signal *inputs);
/// Where the inputs of a sensor begin among those that the setting asks for; 0: it is not seen.
size_t evo_hover_signals_place(const struct evo_hover_setting *setting, enum evo_hover_sensor sensor);
extern const struct evo_signal evo_hover_signals_outputs[EVO_ROTORS];
extern const struct evo_signal evo_hover_signals_trace[EVO_HOVER_COLUMNS];
extern const struct evo_signal evo_hover_signals_track_trace[EVO_TRACK_COLUMNS];
extern const char evo_hover_signals_manual[], evo_hover_signals_track_manual[];

/// Flies one controller through flight `number` and adds its cost to *sum; `sink` may be NULL.
typedef enum evo_status evo_hover_plain(const struct evo_hover_setting *setting,
                                        const struct evo_hover_flight *flight, size_t number,
                                        const struct evo_controller *controller,
                                        evo_trace_sink *sink, void *context, double *sum);
evo_hover_plain evo_hover_plain_double, evo_hover_plain_single;

/// The functions of the task's class, for the class track, whose task is the same but for its path.
enum evo_status evo_task_hover_init(struct evo_task *task, const struct evo_config *config);
size_t evo_task_hover_unused(const struct evo_config *config,
                             struct evo_config_unused rows[EVO_CONFIG_UNUSED_MAX / 2]);
void evo_task_hover_fini(struct evo_task *task);
uint64_t evo_task_hover_steps(const struct evo_task *task, struct evo_cases cases);
uint64_t evo_task_hover_parts(const struct evo_task *task, struct evo_cases cases);
void evo_task_hover_fly(const struct evo_task *task, struct evo_cases cases, struct evo_parts parts, size_t n,
                        const double *genomes, double *fitness);
enum evo_status evo_task_hover_trace(const struct evo_task *task, struct evo_cases cases,
                                     const struct evo_controller *controller, evo_trace_sink *sink,
                                     void *context, double *fitness);
enum evo_status evo_task_hover_baseline(const struct evo_task *task, size_t i,
                                         struct evo_controller *out);

/// As evo_task_validate. Whatever a task trains with, its validation flies by RK4, in double, with
/// commands that arrive at once, from +-0.5 m, +-1 m/s, +-1 rad/s and up to 57 degrees, for 5 s;
/// each case changes one of these, or the vehicle, which the controller is not told.
enum evo_status evo_hover_validate(const struct evo_task *task, const struct evo_controller *controller,
                                   bool brief, evo_figure_sink *sink, void *context);

/// As evo_task_validate. Whatever a task trains with, its validation flies by RK4, in double, with
/// commands that arrive at once, for a second and then a lap, from rest at any place of the track;
/// each case changes one of these, or the vehicle, which the controller is not told.
enum evo_status evo_track_validate(const struct evo_task *task, const struct evo_controller *controller,
                                   bool brief, evo_figure_sink *sink, void *context);

#endif
