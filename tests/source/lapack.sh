#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# No BLAS that differs between processors can get into the program when it starts.
#
#   lapack.sh BUILD
set -u
build=$(cd "${1:?usage: lapack.sh BUILD}" && pwd)
if ! "$build/evompi" --version | grep -q '^LAPACK: reference, linked in$'; then
    echo "skipped: no reference LAPACK here to link in"
    exit 77
fi
command -v ldd >/dev/null || { echo "skipped: no ldd"; exit 77; }
if ldd "$build/evompi" | grep -E 'lib(open)?blas|liblapack'; then
    echo "FAILED: the loader chooses this library, so cmaes may differ between machines"
    exit 1
fi
echo "ok"
