# SPDX-License-Identifier: MIT
"""Flies a hover champion in a simulator of its own, written from the words of champion.csv alone.

    python3 tests/config/fly_champion.py runs/hover/champion.csv [starts=1000] [angle=57] [mass=1]
        [push=0] [delay=0] [noise=0] [dt=] [swap=0]
    python3 tests/config/fly_champion.py runs/hover/champion.csv table [starts=1000]

All flights at once (numpy), classical Runge-Kutta in steps of at most 5 ms, 5 s each. Prints the
share of flights that are within 0.25 m throughout the last second, in percent, and the median time
until within 0.1 m for good. swap=1 exchanges the commands of rotors 0 and 1, as a check.
"""
import sys

try:
    import numpy as np
except ImportError:
    sys.exit(f"{sys.argv[0]}: {sys.executable} has no numpy; on Debian and Ubuntu: "
             "bash tools/setup.sh bench, then /usr/bin/python3")


def read(path):
    """The facts (# key,value,...), the names of the inputs in order, and the parameters."""
    facts, names, parameters = {}, {}, []
    for line in open(path, encoding="utf-8"):
        cells = line.lstrip("# ").rstrip("\n").split(",")
        if line.startswith("#") and len(cells) >= 2:
            if cells[0].startswith("input_"):
                names[int(cells[0][6:])] = cells[1]
            facts.setdefault(cells[0], cells[1])
        elif not line.startswith("#") and cells[0] != "name":
            parameters.append(float.fromhex(cells[1]))
    return facts, [names[i] for i in range(len(names))], np.array(parameters)


class Vehicle:
    """The forces and moments on n vehicles; arrays have the flight as last index."""

    def __init__(self, facts, mass):
        def number(key):
            return float(facts[key])

        self.mass = number("mass") * mass
        self.inertia = np.array([number(k) * mass for k in ("Ixx", "Iyy", "Izz")])[:, None]
        self.c = [number(f"thrust_{i}") for i in range(3)]
        x = np.array([number(f"x_{i}") for i in range(4)])
        y = np.array([number(f"y_{i}") for i in range(4)])
        spin = np.array([number(f"spin_{i}") for i in range(4)])
        self.arms = np.array([y, -x, number("torque_ratio") * spin])
        self.rise, self.fall = number("rise"), number("fall")
        self.gravity = np.array([0.0, 0.0, -number("gravity")])[:, None]
        self.drags = [np.array([number(f"{kind}_{axis}") for axis in "xyz"])[:, None]
                      for kind in ("linear", "quadratic", "rotor")]

    def slope(self, state, command, push):
        v, q, w, m = state[3:6], state[6:10], state[10:13], state[13:17]
        turn = rotation(q)
        thrust = self.c[0] + self.c[1] * m + self.c[2] * m * m
        along = np.einsum("jin,jn->in", turn, v)
        linear, quadratic, rotor = self.drags
        speed = np.linalg.norm(along, axis=0)
        force = -(linear + quadratic * speed + rotor * m.sum(axis=0)) * along
        force[2] += thrust.sum(axis=0)
        acceleration = np.einsum("ijn,jn->in", turn, force) / self.mass + self.gravity + push
        moment = self.arms @ thrust - np.cross(w, self.inertia * w, axis=0)
        motor = (command - m) / np.where(command >= m, self.rise, self.fall)
        spin = 0.5 * np.array([-q[1] * w[0] - q[2] * w[1] - q[3] * w[2],
                               q[0] * w[0] + q[2] * w[2] - q[3] * w[1],
                               q[0] * w[1] + q[3] * w[0] - q[1] * w[2],
                               q[0] * w[2] + q[1] * w[1] - q[2] * w[0]])
        return np.concatenate([v, acceleration, spin, moment / self.inertia, motor])

    def go_on(self, state, command, push, dt):
        n = int(np.ceil(dt / 0.005 - 1e-9))
        h = dt / n
        for _ in range(n):
            a = self.slope(state, command, push)
            b = self.slope(state + 0.5 * h * a, command, push)
            c = self.slope(state + 0.5 * h * b, command, push)
            d = self.slope(state + h * c, command, push)
            state = state + h / 6.0 * (a + 2.0 * b + 2.0 * c + d)
            state[6:10] /= np.linalg.norm(state[6:10], axis=0)
        return state


def rotation(q):
    w, x, y, z = q
    return np.array([[1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)],
                     [2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)],
                     [2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)]])


class Controller:
    """What champion.csv says that a controller does every dt."""

    def __init__(self, facts, names, parameters, dt, n):
        self.states, self.names, self.dt = int(facts["states"]), names, dt
        rows, columns = self.states + 4, self.states + len(names)
        self.matrix = parameters[:rows * columns].reshape(rows, columns)
        self.constants = parameters[rows * columns:, None]
        self.hover, self.clip = float(facts["hover_command"]), float(facts["clip"])
        self.limits = float(facts["integral_limit"]), float(facts["state_limit"])
        self.gravity = float(facts["gravity"])
        self.lag = float(facts.get("acceleration_lag", 0.0))
        self.motor_times = float(facts["rise"]), float(facts["fall"])
        self.state = np.zeros((self.states, n))
        self.integral = np.zeros((3, n))
        self.smooth = None
        self.motor = np.full((4, n), self.hover)
        self.before = np.full((4, n), self.hover)

    def share(self, time):
        return 1.0 - np.exp(-self.dt / time) if time > 0.0 else 1.0

    def inputs(self, p, v, q, w):
        error = np.clip(p, -self.clip, self.clip)
        self.integral = np.clip(self.integral + self.dt * error, -self.limits[0], self.limits[0])
        self.smooth = v if self.smooth is None else self.smooth
        way = self.share(self.lag) * (v - self.smooth)
        self.smooth = self.smooth + way
        rise, fall = (self.share(time) for time in self.motor_times)
        gap = self.before - self.motor
        self.motor = self.motor + np.where(gap >= 0.0, rise, fall) * gap
        turn = rotation(q)
        seen = dict(zip(["ex", "ey", "ez", "vx", "vy", "vz", "p", "q", "r"], [*error, *v, *w]))
        seen |= dict(zip(["ax", "ay", "az"], 2.0 * q[1:] * np.where(q[0] < 0.0, -1.0, 1.0)))
        seen |= dict(zip(["ix", "iy", "iz"], self.integral))
        seen |= dict(zip(["gx", "gy", "gz"], way / (self.dt * self.gravity)))
        seen |= dict(zip(["m0", "m1", "m2", "m3"], self.motor - self.hover))
        seen |= dict(zip(["u0", "u1", "u2", "u3"], self.before - self.hover))
        seen |= {f"r{a}{b}": turn[i][j] for i, a in enumerate("xyz") for j, b in enumerate("xyz")}
        return np.array([seen[name] for name in self.names])

    def command(self, p, v, q, w):
        out = self.matrix @ np.concatenate([self.state, self.inputs(p, v, q, w)]) + self.constants
        self.state = np.clip(out[:self.states], -self.limits[1], self.limits[1])
        self.before = np.clip(out[self.states:] + self.hover, 0.0, 1.0)
        return self.before


def start(rng, n, angle, hover):
    axis = rng.normal(size=(3, n))
    half = 0.5 * rng.uniform(0.0, np.radians(angle), n)
    q = np.concatenate([np.cos(half)[None], np.sin(half) * axis / np.linalg.norm(axis, axis=0)])
    return np.concatenate([rng.uniform(-0.5, 0.5, (3, n)), rng.uniform(-1, 1, (3, n)), q,
                           rng.uniform(-1, 1, (3, n)), np.full((4, n), hover)])


def measure(rng, state, noise):
    """Position, velocity, attitude and rates as sensors have them."""
    p, v, q, w = state[:3], state[3:6], state[6:10], state[10:13]
    if not noise:
        return p, v, q, w
    draw = [scale * rng.normal(size=p.shape) for scale in (0.001, 0.002, 0.001, 0.002)]
    a, b, c = 0.5 * draw[2]
    s, x, y, z = q
    turned = q + np.array([-x * a - y * b - z * c, s * a + y * c - z * b,
                           s * b + z * a - x * c, s * c + x * b - y * a])
    return p + draw[0], v + draw[1], turned / np.linalg.norm(turned, axis=0), w + draw[3]


def fly(champion, starts=1000, angle=57.0, mass=1.0, push=0.0, delay=0, noise=0, dt=None, swap=0):
    """(percent held, median time to settle)"""
    facts = champion[0]
    n, dt = int(starts), float(dt or facts["dt"])
    rng = np.random.default_rng(1)
    controller = Controller(*champion, dt, n)
    vehicle = Vehicle(facts, mass)
    state = start(rng, n, angle, controller.hover)
    direction = rng.normal(size=(3, n))
    pushes = push * direction / np.linalg.norm(direction, axis=0)
    waiting = [controller.before] * int(delay)
    n_steps = round(5.0 / dt)
    held, outside = np.ones(n, bool), np.zeros(n)
    for k in range(1, n_steps + 1):
        waiting.append(controller.command(*measure(rng, state, noise)))
        arriving = waiting.pop(0)
        if swap:
            arriving = arriving[[1, 0, 2, 3]]
        state = vehicle.go_on(state, arriving, pushes, dt)
        away = np.linalg.norm(state[:3], axis=0)
        outside[~(away < 0.1)] = k * dt
        if k * dt > 4.0 + 0.5 * dt:
            held &= away < 0.25
    return 100.0 * held.mean(), np.median(np.where(outside < 5.0, outside, np.inf))


ROWS = [dict(), dict(angle=90), dict(angle=180), dict(mass=0.8), dict(mass=1.1), dict(mass=1.2),
        dict(push=1)]
COLUMNS = [dict(), dict(delay=1), dict(delay=2), dict(noise=1), dict(dt=0.005), dict(dt=0.002)]


def words(case):
    return " ".join(f"{key} {value:g}" for key, value in case.items()) or "as it is"


def main(path, *settings):
    champion = read(path)
    given = {key: float(value) for key, value in
             (setting.split("=") for setting in settings if setting != "table")}
    if "table" not in settings:
        print("held %.2f settling %.3f" % fly(champion, **given))
        return
    print(f"{'':12}" + "".join(f"{words(column):>16}" for column in COLUMNS))
    for row in ROWS:
        cells = [fly(champion, **row, **column, **given) for column in COLUMNS]
        print(f"{words(row):12}" + "".join(f"{held:9.2f} {time:5.2f}s" for held, time in cells),
              flush=True)


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    with np.errstate(all="ignore"):
        main(*sys.argv[1:])
