#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Every shell and batch script passes shellcheck and is complete: executable where it is called.
set -u
cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 1
command -v shellcheck >/dev/null || { echo "shellcheck is not installed"; exit 77; }

mapfile -t scripts < <(find .ci tools jobs tests -type f ! -path 'tests/data/*' -print0 |
    xargs -0 grep -lIE -m1 '^#!.*\bsh$|^#!.*\bbash$' | sort)
[ "${#scripts[@]}" -ge 5 ] || { echo "only ${#scripts[@]} scripts found"; exit 1; }

failed=0
shellcheck --external-sources --source-path=SCRIPTDIR --source-path=. "${scripts[@]}" || failed=1
for script in "${scripts[@]}"; do
    case $script in
    # What is sourced, or handed to sbatch or ctest, need not be executable.
    tools/setup.sh | jobs/* | tests/*.sh) ;;
    *) [ -x "$script" ] || { echo "$script is not executable"; failed=1; } ;;
    esac
done
# nproc says what OMP_NUM_THREADS says, which is about a program's threads.
if grep -nE '(^|[^a-zA-Z_])nproc' "${scripts[@]}" | grep -vE ':[0-9]+: *#|OMP_NUM_THREADS'; then
    echo "nproc is called with OMP_NUM_THREADS: env -u OMP_NUM_THREADS -u OMP_THREAD_LIMIT nproc"
    failed=1
fi
[ $failed = 1 ] || echo "ok: ${#scripts[@]} scripts"
exit $failed
