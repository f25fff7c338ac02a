#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The plan of the modules holds: who may include what, names, first lines, sizes, forbidden words.
#
#   layering.sh BUILD
set -u
# The last command of a pipe runs in this shell, so that `report` can set `failed`.
shopt -s lastpipe
build=$(cd "${1:?usage: layering.sh BUILD}" && pwd)
cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 1

# module: the public headers that it may include besides its own.
modules='
base:
choice:
key:
plugin: key
rng: base
config: base choice key
creature: base choice plugin
lanes: base creature isa controller
isa: base choice
controller: creature isa
rollout_class: key
rollout: lanes rollout_class
child: base choice plugin rollout_class
contract: task
task: base key plugin config creature rng isa controller child contract rollout_class
altitude: base key plugin config creature rng isa controller task contract lanes
quad: base key plugin config creature rng isa controller task contract lanes
tasks: contract
search: base config creature rng plugin
store: base
farm: base choice
run: base config creature task child search store farm key plugin
'
# a header of another library (a regular expression): the only modules that know it
libraries='
mpi\.h|mpi/.*|mpif\.h: farm main
hdf5(_hl)?\.h|H5.*\.h: store
ini\.h: config
xxhash\.h: base
json-c/.*: task
Random123/.*: rng
immintrin\.h|.*mmintrin\.h|arm_neon\.h|cpuid\.h: lanes
'
# A file has at most this many lines; a function this many, braces included, blank lines and
# comments not.
max_file=600
max_function=60

failed=0
report() { # report RULE: one line on stdin is one offence
    local offences
    offences=$(cat)
    [ -n "$offences" ] || { echo "ok: $1"; return; }
    echo "FAILED: $1"
    while read -r line; do echo "    $line"; done <<<"$offences"
    failed=1
}

# All text of ours. Data and build folders are not.
ours() { find include src tools jobs tests .ci ./*.* -type f ! -path 'tests/data/*' | sort; }
ours_named() { ours | grep -E "\.($1)$"; }

module_of() {
    case $1 in
    src/main.c) echo main ;;
    src/tasks/*/*) cut -d/ -f3 <<<"$1" ;;
    include/evompi/lanes/*) echo lanes ;;
    src/*/*) cut -d/ -f2 <<<"$1" ;;
    include/evompi/*) basename "$1" .h ;;
    *) echo none ;;
    esac
}

# allowed TABLE KEY WORD: whether WORD stands behind KEY.
words_of() { sed -n "s/^$2://p" <<<"$1"; }
allowed() { [[ " $(words_of "$1" "$2") " == *" $3 "* ]]; }

# ---- includes -----------------------------------------------------------------------------

# Every #include of the C sources: file, and the name with its brackets or quotes.
includes() {
    ours_named 'c|h|inc' | xargs grep -oHE '^ *# *include *[<"][^>"]+[>"]' |
        sed -E 's/: *# *include */ /'
}
all_includes=$(includes)

# In quotes: the same module's, as it stands, from the folders of its kernels and of its bench, or as a
# NAME.cmake there makes it; the table of keys. Tests may look behind the contracts.
in_quotes_allowed() {
    local file=$1 name=$2 folder
    folder=$(dirname "$file")
    [[ $name != */* || ( $folder =~ /(kernel|bench)$ && $name == ../* && $name != ../*/* ) ]] || return 1
    [ -e "$folder/$name" ] || [ -e "$folder/${name%.h}.cmake" ] ||
        [ "$file $name" = "include/evompi/config.h config.def" ]
}

across_modules() {
    local file name module other
    while read -r file name; do
        module=$(module_of "$file")
        case $name in
        '<evompi/'*)
            other=$(basename "${name//[<>]/}" .h)
            [[ $name != '<evompi/lanes/'* ]] || other=lanes
            [[ $module == "$other" || $module == main || $module == none ]] || allowed "$modules" "$module" "$other" ||
                echo "$file includes $name; $module may use:$(words_of "$modules" "$module")"
            ;;
        '"evompi/'*) echo "$file includes $name: the contracts are included with < >" ;;
        '"'*)
            other=${name//\"/}
            [ "$module" = none ] || in_quotes_allowed "$file" "$other" ||
                echo "$file includes $name, which is not in its own module"
            ;;
        '<bench/'*)
            # What a task brings for evompi-bench is compiled into that alone, and may use nothing but its header.
            [[ $file == src/tasks/*/bench/* && $name == '<bench/bench.h>' ]] ||
                echo "$file includes $name: only src/tasks/*/bench includes the bench, and of it <bench/bench.h>"
            ;;
        esac
    done <<<"$all_includes"
}
across_modules | report "includes across modules go through <evompi/...>, and only down"

other_libraries() {
    local file name pattern owners
    while IFS=: read -r pattern owners; do
        [ -n "$pattern" ] || continue
        grep -E " [<\"]($pattern)[>\"]$" <<<"$all_includes" | while read -r file name; do
            [[ $file != src/* && $file != include/* ]] || [[ " $owners " == *" $(module_of "$file") "* ]] ||
                echo "$file includes $name, which only these modules know:$owners"
        done
    done <<<"$libraries"
}
other_libraries | report "MPI, HDF5 and the other libraries are each known to their module only"

every_module_listed() {
    local folder
    for folder in src/*/ src/tasks/*/; do
        grep -q "^$(basename "$folder"):" <<<"$modules" || echo "$folder is not in the table of this test"
    done
}
every_module_listed | report "every module is in the table"

# ---- names --------------------------------------------------------------------------------

# What a module's object files define for others: module, file, symbol.
symbols() {
    local library module
    for library in "$build"/libevo_*.a; do
        module=$(basename "$library" .a)
        module=${module#libevo_}
        nm -A -g --defined-only "$library" 2>/dev/null |
            sed -nE "s/^[^:]*:([^:]+)\.c\.o:[0-9a-f]* [A-Z] (.*)$/$module \1 \2/p" | grep -v ' __'
    done
}
all_symbols=$(symbols)
folder_of() { if [ -d "src/tasks/$1" ]; then echo "src/tasks/$1"; else echo "src/$1"; fi; }

# evo_<file>[_...], evo_<module>[_...], evo_<header of the module>_..., the table of an owner's keys, a task of
# that name, the table of a kernel, or any other object's name that a public header shows.
misnamed() {
    local module file symbol folder
    while read -r module file symbol; do
        folder=$(folder_of "$module")
        [[ $symbol =~ ^evo_($file|$module)(_|$) || $symbol =~ ^evo_[a-z]+_key_table$ ]] ||
            [[ $symbol =~ ^evo_task_$file(_|$) || $symbol =~ ^evo_[a-z]+_(double|single)_[a-z0-9]+$ ]] ||
            [ -e "$folder/$(sed -E 's/^evo_([a-z]+).*/\1/' <<<"$symbol").h" ] ||
            { [[ $symbol == evo_* ]] && grep -qE "\b$symbol\b" include/evompi/*.h; } ||
            echo "$folder: $file.c shows $symbol, named after neither file nor module, and in no public header"
    done <<<"$all_symbols"
}
if [ -n "$all_symbols" ]; then misnamed; else echo "no libevo_*.a in $build"; fi |
    report "what a file shows to others is named after its object"

# ---- tasks ----------------------------------------------------------------------------------

# The program's own text, CMake's too; not the documents for users, who need these names.
text_without_tasks() { ours | grep -E '^(src|include|tools|\.ci)/|^\./CMakeLists' | grep -v '^src/tasks/'; }

# Names of tasks and of their folders, also as a part of another name (hover_kernel, VEC_HOVER), and their own
# words: a section of their keys, vehicles, baselines. A job may be named by its file.
task_names() {
    local names
    names=$(sed -nE 's/^ *&evo_task_([a-z_0-9]+),$/\1/p' src/tasks/tasks.c; basename -a src/tasks/*/)
    names=$(grep -vx track <<<"$names" | sort -u | paste -sd '|') # also a verb: as a word alone
    [[ $names == *'|'* ]] || echo "the names of the tasks were not found"
    text_without_tasks | xargs grep -nIiP "(?<![a-z]|jobs/)($names)(?![a-z])" /dev/null
    text_without_tasks | xargs grep -nIiwE 'track|crazyflie|hummingbird|x500|tudelft|lqr|lqi|pd' /dev/null
}
task_names | report "no file but those of src/tasks and jobs names a task"

# ---- keys ---------------------------------------------------------------------------------

# The rows of all tables of keys inside, and the names of those that are choices.
key_rows() { grep -nHE '\b(EVO_)?KEY\([a-z]+, [a-z_0-9]+, [A-Z]+, ' src/config/config.def src/*/*.h src/*/*/*.h src/*/*.c src/*/*/*.c; }
all_key_rows=$(key_rows)
choices() { sed -nE 's/.*KEY\(([a-z]+), ([a-z_0-9]+), CHOICE,.*/\1 \2/p' <<<"$all_key_rows"; }

choices_by_hand() {
    [ "$(choices | wc -l)" -ge 10 ] || echo "the rows of choices were not found"
    grep -E ', CHOICE, ' <<<"$all_key_rows" | grep -v 'EVO_CHOICE_WORDS(EVO_[A-Z_]*)' | cut -c1-100
}
choices_by_hand | report "the words of a choice and its enum are one list"

# Neither config->task_step == 1 nor keys(config)->path == 2, nor the word itself.
choices_as_numbers() {
    local section name
    while read -r section name; do
        ours_named 'c|h|inc' | grep -E '^(src|tools)/' |
            xargs grep -nHE "(config->${section}_$name|keys(\([a-z]*\))?->$name)\b *([=!<>]=?|\? ) *[0-9]" /dev/null
        ours_named 'c|h|inc' | grep -E '^(src|tools)/' |
            xargs grep -nHE "strcmp\(evo_config_word\(.*\"$section\.$name\"" /dev/null
    done < <(choices)
}
choices_as_numbers | report "no choice is compared with a number or with its word"

# The keys whose values size arrays, and the constants that do.
limits='
exam flights EVO_EXAM_FLIGHTS_MAX
altitude states EVO_ALTITUDE_STATES_MAX
altitude time_power EVO_ALTITUDE_TIME_POWER_MAX
altitude random_flights EVO_ALTITUDE_DRAWN_MAX
hover delay EVO_HOVER_DELAY_MAX
hover delay_min EVO_HOVER_DELAY_MAX
hover states EVO_HOVER_STATES_MAX
hover hidden EVO_HOVER_HIDDEN_MAX
program parameters EVO_TASK_PARAMETERS_MAX
'
loose_limits() {
    local section name limit
    while read -r section name limit; do
        [ -z "$section" ] || grep -qE "KEY\($section, $name, INT, [A-Z]+, \"[-0-9]+\", [-0-9]+, $limit, " \
            <<<"$all_key_rows" || echo "$section.$name does not end at $limit"
    done <<<"$limits"
}
loose_limits | report "the range of a key ends where the array that it sizes does"

# ---- text ---------------------------------------------------------------------------------

first_lines() {
    local file first
    for file in $(ours_named 'c|h|inc|def|sh|sbatch|cmake'; ours | grep -E '^(tests/slurm/lib/|\.ci/)'); do
        first=$(head -n 3 "$file" | grep -v '^#!' | head -n 2)
        [[ $first =~ ^(/\*|#)\ SPDX-License-Identifier:\ MIT(\ \*/)?$'\n'(/\*|\ \*|#)\ [^\ ].*[.:]([^.].*)?$ ]] ||
            echo "$file"
    done
}
first_lines | report "a file begins with its licence and one sentence on what it is for"

conditions() {
    ours_named 'c|h|inc' | grep -E '^(src|include|tools)/' |
        xargs grep -nHE '^ *# *(if|ifdef|ifndef|elif|else)\b' |
        grep -vE '^(src/base|include/evompi/lanes)/|\.h:[0-9]+:#ifndef [A-Z0-9_]+_H$|^include/evompi/(key|plugin|isa|lanes|rollout)\.h:'
}
conditions | report "#if only in base and lanes, in what C++ includes too, and as include guards"

long_files() {
    local file
    for file in $(ours_named 'c|h|inc|sh'; ours | grep '^tests/slurm/lib/'); do
        [ "$(wc -l <"$file")" -le $max_file ] || echo "$file has $(wc -l <"$file") lines"
    done
}
long_files | report "no file is longer than $max_file lines"

# A function's body begins and ends with a brace in the first column.
long_functions() {
    # shellcheck disable=SC2016 # awk's own variables
    ours_named 'c|h|inc' | xargs awk -v max=$max_function '
        FNR == 1 { inside = 0; name = "" }
        /^[A-Za-z_].*\(/ { name = $0 }
        /^\{$/ { inside = 1; n = 0; begin = FNR }
        inside && !/^ *$/ && !/^ *(\/\*.*\*\/|\/\/.*)$/ { n++ }
        /^\}$/ && inside {
            if (n > max) { print FILENAME ":" begin ": " n " lines: " name }
            inside = 0
        }'
}
long_functions | report "no function is longer than $max_function lines"

# Written so that this file does not offend itself.
forbidden() {
    ours | xargs grep -nIE '(^|[^A-Za-z0-9_.}$/)*-])/(home|root|work|mnt|scratch|srv|Users|tmp/[a-z])/' /dev/null
    ours | grep -v '^\./' | xargs grep -nIE '\b(TOD[O]|FIXM[E])\b' /dev/null
}
forbidden | report "no path of one machine, and nothing put off"

exit $failed
