#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
# The altitude step in Python, as evompi-bench measures it: unrolled, or with numpy; prints steps/s.
#
#   altitude.py unrolled|numpy SECONDS
import sys
import time

FLIGHTS = ((3.0, 5.0, 201), (5.0, 3.0, 201), (100.0, 102.0, 200), (302.0, 300.0, 200),
           (50.0, 60.0, 400))
GENOME = (0.3, 0.01, -0.02, 0.2, 0.1, -0.1, 0.05, 0.5)


def move(z, w, a):
    a = min(max(a, 0.0), 1.0)
    square = a * a
    thrust = 9.81 * (((square + square) + square) + square)
    z, w = z + w * 0.01, w + (thrust - 9.81) * 0.01
    return (0.0, 0.0) if z < 0.0 else (z, w)


def unrolled(genome):
    k0, k1, k2, q0, q1, q2, c0, c1 = genome
    total = 0.0
    for start, goal, steps in FLIGHTS:
        s, z, w, before, score = 0.0, start, 0.0, -1.0, 0.0
        for _ in range(steps):
            s, a = s * k0 + goal * k1 + z * k2 + c0, s * q0 + goal * q1 + z * q2 + c1
            z, w = move(z, w, a)
            d = abs(goal - z)
            score += d if d <= before else 3.0 * d
            before = d
        total += score
    return total


def with_numpy(genome):
    import numpy
    matrix = numpy.array(genome[:6]).reshape(2, 3)
    constants = numpy.array(genome[6:])
    total = 0.0
    for start, goal, steps in FLIGHTS:
        s, z, w, before, score = 0.0, start, 0.0, -1.0, 0.0
        for _ in range(steps):
            s, a = matrix.dot(numpy.array((s, goal, z))) + constants
            z, w = move(z, w, float(a))
            d = abs(goal - z)
            score += d if d <= before else 3.0 * d
            before = d
        total += score
    return total


def main():
    fly = {"unrolled": unrolled, "numpy": with_numpy}[sys.argv[1]]
    seconds = float(sys.argv[2])
    fly(GENOME)
    # A just-in-time compiler gets as long to learn as the measurement takes.
    for measured in (False, True):
        began, n = time.process_time(), 0
        while time.process_time() - began < seconds or n == 0:
            fly(GENOME)
            n += 1
        if measured:
            steps = sum(flight[2] for flight in FLIGHTS)
            print(n * steps / (time.process_time() - began))


if __name__ == "__main__":
    main()
