# SPDX-License-Identifier: MIT
"""A task of your own in Python: two gains that bring a pendulum upright with little effort, and hold it there."""
import math

from evompi_program import serve


def fitness(gains, context):
    angle, rate, dt, cost, effort = math.pi, 0.0, 0.02, 0.0, 0.0
    for _ in range(250):
        error = math.remainder(angle, 2.0 * math.pi)
        torque = max(-12.0, min(12.0, -gains[0] * error - gains[1] * rate))
        rate += (9.81 * math.sin(angle) + torque) * dt
        angle += rate * dt
        cost += (error * error + 0.1 * rate * rate) * dt
        effort += torque * torque * dt
    return cost + 0.001 * effort, effort


serve(fitness)
