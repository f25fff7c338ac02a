# SPDX-License-Identifier: MIT
"""Runs what tests/data/frozen/list.txt lists, and compares with (or writes) the results kept there.

usage: frozen.py check|write BUILD WORK [PATTERN]

A result is a text of sections. A section is a table: its title names the columns, and columns are
looked up by name, so that files and tools may get more of them. Numbers are exact: whole numbers as
such, all else as the shortest decimal that reads back to the same double. Of long tables the first
and the last row are kept, and digests of all.
"""
import configparser
import csv
import fnmatch
import gzip
import hashlib
import io
import os
import re
import shlex
import shutil
import subprocess
import sys
import tarfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
DATA = os.path.join(ROOT, "tests", "data", "frozen")
HISTORY = "generation evaluations best mean worst spread bad".split()
CREATURE = "id parent born died flown fitness".split()
CHAMPION = "id parent born generation evaluations fitness_hexadecimal".split()
WHOLE = set("id parent born died flown generation evaluations bad flight".split())
DIGESTS = 32  # of a long table, at most: a row each, or some rows each
SHOWN = 8  # cells of a row that is kept beside its digest


class Failure(Exception):
    """What does not hold; the run is named by whoever catches it."""


def exact(name, text):
    """One cell, so that equal bits give equal text whatever the format that a tool printed."""
    if text in ("", "none"):
        return "-"
    if name in WHOLE:
        return str(int(text))
    try:
        return repr(float.fromhex(text) if "0x" in text else float(text))
    except ValueError:
        return text


# ---- programs ----


class Programs:
    def __init__(self, build, work):
        self.build, self.work = build, work
        self.made_by = self.call("evompi", "--version").splitlines()[0]

    def call(self, program, *words, ranks=0):
        launcher = ["mpirun", "-np", str(ranks)] if ranks > 1 else []
        command = launcher + [os.path.join(self.build, program), *words]
        done = subprocess.run(command, cwd=self.work, stdin=subprocess.DEVNULL, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        if done.returncode != 0:
            lines = (done.stdout + done.stderr).strip().splitlines()
            said = [line for line in lines if line.startswith("evompi")] or lines[-12:]
            raise Failure("'%s' ended with %d:\n    %s" % (" ".join(command), done.returncode, "\n    ".join(said)))
        return done.stdout

    def table(self, program, *words):
        """What a tool prints as CSV: the names of its columns, and its rows as dictionaries."""
        lines = [line for line in self.call(program, *words).splitlines() if not line.startswith("#")]
        reader = csv.DictReader(lines)
        return reader.fieldnames or [], list(reader)


# ---- sections ----


class Record:
    """The result of one run: sections in order; `frozen` is the kept one, or None when it is to be made."""

    def __init__(self, frozen=None):
        self.sections, self.frozen = {}, frozen

    def columns(self, section, present):
        """The columns to compare: those that were frozen, or all that there are."""
        wanted = present
        if self.frozen is not None and section in self.frozen:
            wanted = self.frozen[section][0]
        missing = [name for name in wanted if name not in present]
        if missing:
            raise Failure("[%s]: column %s is missing; there are: %s" % (section, missing[0], ", ".join(present)))
        return wanted

    def add(self, section, columns, rows):
        """A table of a few rows, kept whole."""
        if not rows:
            raise Failure("[%s]: has no rows" % section)
        self.sections[section] = (columns, [" ".join(row) for row in rows], rows)

    def add_either(self, section, columns, rows, whole):
        (self.add if whole else self.add_long)(section, columns, rows)

    def add_long(self, section, columns, rows):
        """A long table: digests of its rows, some together where there are many, under the first cell."""
        each = max(1, -(-len(rows) // DIGESTS))
        lines = ["rows %d" % len(rows)]
        self.sections[section] = (columns, lines, rows)
        for row in dict.fromkeys(map(tuple, rows[:1] + rows[-1:])):
            lines.append("row " + " ".join(row[:SHOWN]))
        for begin in range(0, len(rows), each):
            part = "\n".join(" ".join(row) for row in rows[begin:begin + each])
            lines.append("%s %s" % (rows[begin][0], hashlib.sha256(part.encode()).hexdigest()[:6]))

    def text(self, made_by):
        lines = ["# made by %s" % made_by]
        for name, (columns, rows, _) in self.sections.items():
            lines += ["", "[%s] %s" % (name, " ".join(columns))] + pack(rows)
        return "\n".join(lines) + "\n"


def pack(rows):
    """Digests stand several to a line."""
    lines, line = [], ""
    for row in rows:
        if not re.fullmatch(r"\S+ [0-9a-f]{6}", row):
            lines.append(row)
        elif len(line) + len(row) > 100:
            lines.append(line)
            line = "= " + row.replace(" ", ":")
        else:
            line = (line or "=") + " " + row.replace(" ", ":")
    return lines + ([line] if line else [])


def read_record(path):
    """{section: (columns, rows)} of a kept text."""
    if not os.path.exists(path):
        raise Failure("%s is missing: freeze it" % os.path.relpath(path, ROOT))
    sections, rows = {}, None
    with open(path, encoding="ascii") as lines:
        for line in lines.read().splitlines():
            if line.startswith("["):
                name, columns = line[1:].split("]")
                rows = []
                sections[name] = (columns.split(), rows)
            elif line.startswith("= "):
                rows += [word.replace(":", " ") for word in line[2:].split()]
            elif line and not line.startswith("#"):
                rows.append(line)
    return sections


def differ(columns, want, have):
    """What to say of two rows that are not the same."""
    say = ["    frozen: %s" % want, "    now:    %s" % have]
    names = [name for name, a, b in zip(columns, want.split(), have.split()) if a != b]
    if len(columns) == len(want.split()) and names:
        say.insert(0, "    differs in: %s" % ", ".join(names))
    return "\n".join(say)


def digests_first(rows):
    """Rows that are shown beside their digest come last: the first row that differs is to be named."""
    return sorted(rows, key=lambda row: row.startswith("row "))


def compare_section(name, frozen, columns, rows, whole):
    """Raises with the first row that differs."""
    want, have = digests_first(frozen), digests_first(rows)
    for i in range(max(len(want), len(have))):
        a, b = (x[i] if i < len(x) else "(no such row)" for x in (want, have))
        if a == b:
            continue
        label = a.split()[0]
        say = differ(columns, a, b)
        if re.fullmatch(r"\S+ [0-9a-f]{6}", a):
            say = "\n".join(["    frozen: digest %s" % a.split()[-1], "    now:    digest %s, of" % b.split()[-1]] +
                            ["        " + " ".join(row) for row in whole if row[0] == label])
        raise Failure("[%s], row '%s' differs:\n    columns: %s\n%s" % (name, label, " ".join(columns), say))


def compare(frozen, record):
    for name in frozen:
        if name not in record.sections:
            raise Failure("[%s] is frozen, but the run has none" % name)
    for name, (columns, rows, whole) in record.sections.items():
        if name not in frozen:
            raise Failure("[%s] is not frozen: freeze this run anew" % name)
        compare_section(name, frozen[name][1], columns, rows, whole)


# ---- what is recorded of a run ----


def record_history(programs, folder, record, whole):
    present, rows = programs.table("evompi-show", folder, "--history", "--csv")
    columns = record.columns("history", [name for name in HISTORY if name in present])
    record.add_either("history", columns, [[exact(name, row[name]) for name in columns] for row in rows], whole)


def record_champion(programs, folder, record, whole):
    about, parameters = {}, []
    with open(os.path.join(programs.work, folder, "champion.csv"), encoding="utf-8") as lines:
        text = lines.read().splitlines()
    for line in text:
        if line.startswith("# ") and line.count(",") >= 2:
            name, value = line[2:].split(",")[:2]
            about.setdefault(name, value)
    for row in csv.DictReader(line for line in text if not line.startswith("#")):
        if repr(float.fromhex(row["hexadecimal"])) != repr(float(row["decimal"])):
            raise Failure("champion.csv: %s: %s is not %s" % (row["name"], row["hexadecimal"], row["decimal"]))
        parameters.append([row["name"], exact("hexadecimal", row["hexadecimal"])])
    record.add("champion", CHAMPION, [[exact(name, about[name]) for name in CHAMPION]])
    record.add_either("parameters", ["name", "value"], parameters, whole)


def record_creatures(programs, folder, record):
    """The living and the dead, each in order of id."""
    present, rows = programs.table("evompi-show", folder, "--creatures", "--csv")
    columns = CREATURE + [name for name in present if re.fullmatch(r"g\d+", name)]
    rows.sort(key=lambda row: int(row["id"]))
    for section, dead in (("population", False), ("lineage", True)):
        chosen = [row for row in rows if bool(row["died"]) == dead]
        record.add_long(section, CREATURE + ["parameters"],
                        [[exact(name, row[name]) for name in columns] for row in chosen])


def record_validation(programs, words, tuned, record):
    """The figures; what the search tunes for comparison (pd-tuned) belongs to the search cmaes."""
    present, rows = programs.table("evompi-fly", *words, "--validate", "--csv")
    names = {name: re.sub(r"^creature \d+$", "champion", name) for name in present}
    rows = [{names[name]: value for name, value in row.items()} for row in rows]
    chosen = [name for name in names.values() if name not in ("unit", "meaning") and (tuned or name != "pd-tuned")]
    columns = record.columns("validation", chosen)
    if record.frozen is not None and "validation" in record.frozen:
        figures = [line.split()[0] for line in record.frozen["validation"][1]]
        rows = [row for row in rows if row["figure"] in figures]
    record.add("validation", columns, [[exact(name, row[name]) for name in columns] for row in rows])


def record_flights(programs, words, record):
    """Fitness and the score of each flight, beside the controllers by hand where `words` asks for them."""
    rows = []
    for line in programs.call("evompi-fly", *words, "--hex", "--flights").splitlines():
        name, *scores = line.split("\t")
        rows += [["%s/%s" % (name, i if i else "fitness"), exact("score", x)] for i, x in enumerate(scores)]
    record.add("flights", ["creature/flight", "score"], rows)


def record_trace(programs, words, record):
    present, rows = programs.table("evompi-fly", *words, "--trace", "-")
    columns = record.columns("trace", present)
    rows = [["%d" % i] + [exact(name, row[name]) for name in columns] for i, row in enumerate(rows)]
    record.add_long("trace", columns, rows)


# ---- the lines of the list ----


def sets(entry, *more):
    words = []
    for word in [*more, *entry["set"]]:
        words += ["--set", word]
    return words


def check_search(programs, entry, folder):
    """The first word of a name is the search: frozen runs of a search are chosen by it."""
    ini = configparser.ConfigParser(interpolation=None, inline_comment_prefixes=(";", "#"))
    ini.read(os.path.join(programs.work, folder, "config.ini"))
    if ini["search"]["name"] != entry["search"]:
        raise Failure("its search is %s: name it %s-..." % (ini["search"]["name"], ini["search"]["name"]))


def run_words(entry, folder, *more):
    common = ["job.output=%s" % folder, "validate.flights=0"]
    if not entry["base"].startswith(os.path.join(ROOT, "jobs")):
        common.append("search.name=%s" % entry["search"])
    return [entry["base"], *sets(entry, *common), *more]


def record_run(programs, entry, folder, record):
    whole = "-job-" in entry["name"]
    record_history(programs, folder, record, whole)
    record_champion(programs, folder, record, whole)
    record_creatures(programs, folder, record)
    if entry["validate"]:
        words = [*run_words(entry, folder), "--set", "validate.flights=%s" % entry["validate"]]
        words.insert(1, os.path.join(folder, "champion.csv"))
        record_validation(programs, words, entry["search"] == "cmaes", record)


def do_run(programs, entry, record, write):
    folder = entry["name"]
    programs.call("evompi", *run_words(entry, folder), "--fresh", ranks=entry["ranks"])
    check_search(programs, entry, folder)
    record_run(programs, entry, folder, record)
    shutil.rmtree(os.path.join(programs.work, folder))


def keep(programs, entry, folder, path):
    """Packs what makes up a run folder: its newest checkpoint, its ledgers, its champion."""
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for name in ("champion.csv", "checkpoint.h5", "history", "lineage"):
            full = os.path.join(programs.work, folder, name)
            if os.path.exists(full):
                tar.add(full, os.path.join(entry["name"], name), filter=plain_owner)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as out:
        out.write(gzip.compress(data.getvalue(), 9, mtime=0))


def plain_owner(info):
    info.uid = info.gid = info.mtime = 0
    info.uname = info.gname = ""
    return info


def do_resume(programs, entry, record, write):
    """A kept run folder goes on. Where there is none yet, it is made, and going on must equal an unbroken run."""
    folder, path = entry["name"], os.path.join(DATA, "runs", entry["name"] + ".tar.gz")
    made = write and not os.path.exists(path)
    if made:
        whole = Record()
        programs.call("evompi", *run_words(entry, folder), "--fresh")
        record_run(programs, entry, folder, whole)
        cut = "stop.max_generations=%s" % entry["at"]
        programs.call("evompi", *run_words(entry, folder, "--set", cut), "--fresh")
        keep(programs, entry, folder, path)
        shutil.rmtree(os.path.join(programs.work, folder))
    with tarfile.open(path) as tar:
        tar.extractall(programs.work)
    programs.call("evompi", *run_words(entry, folder), "--resume", ranks=entry["ranks"])
    check_search(programs, entry, folder)
    record_run(programs, entry, folder, record)
    if made:
        compare({name: section[:2] for name, section in whole.sections.items()}, record)
    shutil.rmtree(os.path.join(programs.work, folder))


def train(programs, entry, path):
    """A champion of the whole job, its parameters alone: made once, and kept."""
    folder = "train"
    programs.call("evompi", entry["base"], "--set", "job.output=%s" % folder, "--set", "validate.flights=0", "--fresh")
    with open(os.path.join(programs.work, folder, "champion.csv"), encoding="utf-8") as lines:
        rows = list(csv.DictReader(line for line in lines if not line.startswith("#")))
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="ascii") as out:
        out.write(",".join(row["decimal"] for row in rows) + "\n")


def do_fly(programs, entry, record, write):
    """A kept champion of a whole job flies, on the job's task or on a changed one."""
    path = os.path.join(DATA, "champions", entry["champion"] + ".csv")
    if write and not os.path.exists(path):
        train(programs, entry, path)
    words = [entry["base"], path, *sets(entry)]
    hands = [word for name in entry["hands"] for word in ("--reference", name)]
    record_flights(programs, words + hands, record)
    record_trace(programs, words, record)
    if entry["validate"]:
        record_validation(programs, [*words, "--set", "validate.flights=%s" % entry["validate"]],
                          entry["search"] == "cmaes", record)


KINDS = {"run": do_run, "resume": do_resume, "fly": do_fly}


def read_entry(line):
    kind, name, base, *words = shlex.split(line)
    if kind not in KINDS:
        raise Failure("list.txt: %s: no such kind; there are: %s" % (kind, ", ".join(KINDS)))
    path = base if base.startswith("jobs/") else os.path.join("tests", "data", "frozen", "base", base + ".ini")
    entry = {"kind": kind, "name": name, "search": name.split("-")[0], "base": os.path.join(ROOT, path),
             "ranks": 1, "at": "", "validate": "", "champion": "", "hands": [], "set": []}
    for word in words:
        key, value = word.split("=", 1)
        if "." in key:
            entry["set"].append(word)
        elif key == "hands":
            entry["hands"] = value.split(",")
        elif key in entry:
            entry[key] = type(entry[key])(value)
        else:
            raise Failure("list.txt: %s: no such word as %s" % (name, key))
    return entry


def read_list():
    with open(os.path.join(DATA, "list.txt"), encoding="ascii") as lines:
        text = lines.read().replace("\\\n", " ")
    return [read_entry(line) for line in text.splitlines() if line.strip() and not line.startswith("#")]


def check_list(entries):
    """Every job has a line, no line stands twice, and nothing is kept that no line makes."""
    names = [entry["name"] for entry in entries]
    for name in names:
        if names.count(name) > 1:
            raise Failure("list.txt: %s stands twice" % name)
    for job in sorted(os.listdir(os.path.join(ROOT, "jobs"))):
        if job.endswith(".ini") and not any(entry["base"].endswith("/jobs/" + job) and entry["kind"] == "run"
                                            for entry in entries):
            raise Failure("jobs/%s has no run in list.txt: add one, and freeze it" % job)
    for text in os.listdir(os.path.join(DATA, "results")) if os.path.isdir(os.path.join(DATA, "results")) else []:
        if text[:-len(".txt")] not in names:
            raise Failure("results/%s: no line of list.txt makes it" % text)


def handle(programs, entry, write):
    path = os.path.join(DATA, "results", entry["name"] + ".txt")
    frozen = None if write else read_record(path)
    record = Record(frozen)
    try:
        KINDS[entry["kind"]](programs, entry, record, write)
    except KeyError as error:
        raise Failure("a tool or file has no column or line named %s any more" % error) from error
    if write:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="ascii") as out:
            out.write(record.text(programs.made_by))
        frozen = read_record(path)
    compare(frozen, record)


def main():
    if len(sys.argv) not in (4, 5) or sys.argv[1] not in ("check", "write"):
        sys.exit(__doc__)
    write, pattern = sys.argv[1] == "write", sys.argv[4] if len(sys.argv) > 4 else "*"
    failed = []
    try:
        programs, entries = Programs(*sys.argv[2:4]), read_list()
        check_list(entries)
    except Failure as failure:
        sys.exit("FAILED: %s" % failure)
    chosen = [entry for entry in entries if fnmatch.fnmatchcase(entry["name"], pattern)]
    for entry in chosen:
        try:
            handle(programs, entry, write)
        except Failure as failure:
            failed.append(entry["name"])
            print("FAILED: %s: %s" % (entry["name"], failure), flush=True)
    if not chosen:
        sys.exit("FAILED: no run of list.txt is named %s" % pattern)
    if failed:
        sys.exit("FAILED: %d of %d: %s" % (len(failed), len(chosen), " ".join(failed)))
    print("ok: %d %s" % (len(chosen), "written" if write else "equal to what is frozen"))


main()
