#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# champion.csv says all that is needed to fly it: a simulator in numpy, written from its words alone,
# finds the figures of evompi-fly --validate.
. "$(dirname "$0")/../lib/common.sh"
here=$(cd "$(dirname "$0")" && pwd)
for python in python3 /usr/bin/python3 ''; do
    [ -z "$python" ] && { echo "skipped: no python3 with numpy"; exit 77; }
    "$python" -c 'import numpy' 2>/dev/null && break
done

cd "$work" || fail "no folder $work"
# Every kind of input, and more to withstand than a nominal vehicle.
cat >c.ini <<'END'
[job]
output = run
[population]
size = 32
[search]
name = cmaes
[cmaes]
lambda = 32
active = no
stagnation = no
max_condition = 1e30
max_growth = 1e6
[task]
name = hover
precision = single
[hover]
symmetric = yes
inputs_integral = yes
inputs_acceleration = yes
inputs_motor = yes
inputs_rotation = yes
delay_min = 1
delay = 3
mass = 0.1
push = 0.5
flights = 16
angle = 70
weight_position = 0.2
weight_away = 1
[lineage]
keep = none
[validate]
flights = 200
[stop]
max_generations = 1200
END
must 0 ranks 1 c.ini
must 0 bash -c "'$build/evompi-fly' c.ini run/champion.csv --validate --csv >figures.csv"

# own NAME: the figure of evompi-fly.
own() { awk -F, -v name="$1" '$1 == name { print $3 }' figures.csv; }
# agrees CASE SETTINGS...: held in as many flights but for 1 %, and settled as soon but for 5 %.
agrees() {
    local name=$1; shift
    "$python" "$here/fly_champion.py" run/champion.csv starts=200 "$@" >theirs || fail "no figures for $name"
    read -r _ held _ settling <theirs
    awk -v a="$(own "$name")" -v b="$held" -v s="$(own "${name}_settling")" -v t="$settling" \
        'BEGIN { exit !((a - b) ^ 2 <= 1 && (s - t) ^ 2 <= (0.05 * s) ^ 2) }' ||
        fail "$name: evompi-fly has $(own "$name") % and $(own "${name}_settling") s, numpy $held % and $settling s"
}
awk -v a="$(own angle_57)" 'BEGIN { exit !(a >= 99) }' || fail "the champion holds $(own angle_57) % of its flights"
agrees angle_57
agrees mass_0.9 mass=0.9
agrees push_1 push=1
agrees delay_2 delay=2
agrees dt_5ms dt=0.005

# Where two rotors are exchanged nothing holds: the figures above are no accident.
"$python" "$here/fly_champion.py" run/champion.csv starts=200 swap=1 >theirs || fail "no figures"
read -r _ held _ _ <theirs
awk -v b="$held" 'BEGIN { exit !(b < 50) }' || fail "with two rotors exchanged it holds $held %"
echo "ok: numpy finds what evompi-fly finds, in 5 cases"
