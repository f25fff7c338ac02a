#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The README's reference of configuration keys is what the program prints.
#
#   readme_keys.sh BUILD            compares
#   readme_keys.sh BUILD --update   writes the program's text into README.md
set -u
build=$(cd "${1:?usage: readme_keys.sh BUILD [--update]}" && pwd)
cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 1

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$build/evompi" --help=markdown >"$work/program" || { echo "evompi --help=markdown failed"; exit 1; }
[ "$(grep -cE '^<!-- /?keys -->$' README.md)" = 2 ] || { echo "README.md lacks its two marks for keys"; exit 1; }

# Blank lines at both ends of the reference do not count.
trimmed() { sed -e '/./,$!d' "$1" | sed -e :a -e '/^\n*$/{$d;N;ba' -e '}'; }

if [ "${2:-}" = --update ]; then
    {
        sed '/^<!-- keys -->$/q' README.md
        echo
        trimmed "$work/program"
        echo
        sed -n '/^<!-- \/keys -->$/,$p' README.md
    } >"$work/readme" && cat "$work/readme" >README.md
    exit
fi

sed -n '/^<!-- keys -->$/,/^<!-- \/keys -->$/p' README.md | sed '1d;$d' >"$work/readme"
if diff <(trimmed "$work/readme") <(trimmed "$work/program"); then
    echo "ok: $(grep -c '^|' "$work/program") lines of reference"
else
    echo "README.md differs from the program: run tests/source/readme_keys.sh BUILD --update"
    exit 1
fi
