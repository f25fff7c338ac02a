#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Keys without an effect: refused in the same way by job and tools, and never in the way of an older run.
. "$(dirname "$0")/../lib/common.sh"
cd "$work" || fail "no folder $work"
run() { "$evompi" "$@" >"$work/out" 2>&1; }
cat >c.ini <<'END'
[job]
output = run
[population]
size = 8
[task]
name = track
[hover]
flights = 1
duration = 0.1
[track]
path = waypoints
waypoints = 0 0 0, 1 0 0, 0 1 0
[stop]
max_generations = 2
[validate]
flights = 0
[checkpoint]
durable = process
END
unused='[track] radius = 2: has no effect: track.path = waypoints has no radius; leave it out'
sed 's/^path = .*/&\nradius = 2/' c.ini >radius.ini
must 2 run radius.ini
says "radius.ini:12: $unused"
must 2 run radius.ini --check
must 2 ranks 2 radius.ini
[ "$(grep -c 'has no effect' out)" = 1 ] || { cat out >&2; fail "two ranks do not say it once"; }
[ ! -e run ] || fail "a refused key made a run folder"

# What a run leaves is read, and goes on.
must 0 ranks 2 c.ini
must 0 run run/config.ini --resume --set stop.max_generations=3
must 2 run run/config.ini --resume --set track.radius=2
says '--set track.radius=2: has no effect'

# A run that an older version began with such a key: it goes on without it, and its tools read it.
sed 's/^path = .*/radius = 2/; /^waypoints/d' c.ini >circle.ini
must 0 run circle.ini --set job.output=old
grep -qa 'radius = 2' old/checkpoint.h5 || fail "the run keeps no radius"
must 0 "$build/evompi-show" old >out
# The circle's run differs in its path: that is refused by name, and only that.
must 2 run c.ini --resume --set job.output=old --set stop.max_generations=3
says 'track.path = waypoints (was figure_eight)'
grep -q 'track.radius' out && { cat out >&2; fail "a key without an effect counts as another run"; }

# A vehicle at the edge of what a body can be: one warning for all ranks.
sed 's/^name = track/name = hover/; /^\[track\]/,/^waypoints/d' c.ini >hover.ini
edge=(--set vehicle.name=crazyflie --set vehicle.ixx=1.43e-5 --set vehicle.iyy=1.43e-5 --set vehicle.izz=2.89e-5)
must 0 ranks 2 hover.ini --set job.output=edge "${edge[@]}"
[ "$(grep -c 'moment of inertia about z, 2.89e-05 kg m^2, is 1.05 % above' out)" = 1 ] ||
    { cat out >&2; fail "the vehicle is not warned of once"; }
must 0 run hover.ini --check "${edge[@]}"
says '1.05 % above'
must 2 run hover.ini --check --set vehicle.izz=2.89e-5
says 'up to 2 % more is accepted'
echo "ok"
