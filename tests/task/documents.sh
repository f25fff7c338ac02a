#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# What the documents show of own tasks is what the files hold, and what they tell to run runs as written.
. "$(dirname "${BASH_SOURCE[0]}")/../lib/common.sh"
command -v python3 >/dev/null || skip "python3 is not installed"
unset CC CXX FC EVOMPI EVOMPI_INCLUDE EVOMPI_PLUGIN_PATH
cd "$work" || exit 1
mkdir jobs && cp -r "$root/jobs/own" jobs/ || exit 1
export PATH=$build:$root/tools:$PATH

# A line "<!-- WHAT NAME -->" before a block of code says what it is: `from` a file of jobs/own, a `file` to
# make, commands to `run`, or the CMake project of install.sh.
cat >read.py <<'END_OF_FILE'
import re
import sys

root, document, with_fortran = sys.argv[1:]
n = {"from": 0, "file": 0, "run": 0, "cmake": 0}
commands = ["set -e"]
text = open(f"{root}/{document}", encoding="utf-8").read()
for what, name, code in re.findall(r"<!-- (\w+) ?([\w.-]*) -->\n```\w+\n(.*?)```\n", text, re.S):
    n[what] += 1
    if what == "from" and code not in open(f"{root}/jobs/own/{name}", encoding="utf-8").read():
        sys.exit(f"{document} shows lines of {name} that are not there:\n{code}")
    if what == "file":
        open(name, "w", encoding="utf-8").write(code)
    if what == "run" and (name != "fortran" or with_fortran == "yes"):
        commands.append(code)
    if what == "cmake" and code not in open(f"{root}/tests/task/install.sh", encoding="utf-8").read():
        sys.exit(f"{document} shows a CMake project that no test has")
open("run.sh", "w", encoding="utf-8").write("\n".join(commands))
print(*n.values())
END_OF_FILE

fortran=no
! command -v gfortran >/dev/null || fortran=yes
# shown DOCUMENT COUNTS: it has so many blocks of each kind, and its commands run.
shown() {
    local counts
    counts=$(python3 read.py "$root" "$1" $fortran) || fail "$1"
    [ "$counts" = "$2" ] || fail "$1 has $counts blocks that are marked, not $2"
    bash run.sh >out 2>&1 || { cat run.sh >&2; tail -n 20 out >&2; fail "the commands of $1"; }
    says " parent "
    echo "ok: $1"
}
shown README.md "0 2 1 0"
shown jobs/own/README.md "6 0 3 1"
for name in rastrigin pendulum; do [ -s runs/$name/champion.csv ] || fail "no champion of $name"; done
awk '/fitness/ { ok = $2 + 0 <= 1e-8 } END { exit !ok }' <<<"$("$build/evompi-show" runs/rastrigin | sed -n 's/^best *//p')" ||
    fail "rastrigin does not reach its target"
