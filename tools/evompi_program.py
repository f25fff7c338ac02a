# SPDX-License-Identifier: MIT
"""Serves a fitness function in Python to evompi: from evompi_program import serve; serve(fitness).

fitness(parameters, context) gets a list of numbers and gives one number, or a list of one for each result;
smaller is better. If it raises an exception, this candidate has failed. context has seed, rank, ranks,
parameters and results (names), version, batch, generation and purpose ("search", "selection", "validation").
"""
import fcntl
import json
import os
import sys
from array import array
from contextlib import suppress
from struct import Struct
from types import SimpleNamespace

ASK, ANSWER = Struct("<4sIQQIIQ"), Struct("<4sIQQQ")
ROOM = 1 << 20  # bytes on their way
PURPOSES = ("search", "selection", "validation")


def item(value, results):
    values = [float(v) for v in value] if hasattr(value, "__len__") else [float(value)]
    if len(values) != len(results):
        sys.exit(f"fitness gave {len(values)} results where {len(results)} are due: {results}")
    return values if len(results) > 1 else values[0]


def evaluate(fitness, candidates, context):
    n, items = len(context.results), []
    for parameters in candidates:
        try:
            value = fitness(parameters, context)
            if type(value) is not float or n != 1:  # what most give is passed on as it is
                value = item(value, context.results)
        except Exception as error:  # the candidate's fault; what ends Python ends the program
            value = {"failed": f"{type(error).__name__}: {error}"[:1000]}
        items.append(value)
    return items


def lines(ask, answer, fitness, context):
    encode = json.JSONEncoder(check_circular=False).encode
    for line in ask:
        batch = json.loads(line)
        context.batch, context.generation, context.purpose = (batch[k] for k in ("batch", "generation", "purpose"))
        candidates = batch["parameters"]
        if b'NaN"' in line or b'Infinity"' in line:  # JSON has no numbers for these
            candidates = [list(map(float, p)) for p in candidates]
        results = evaluate(fitness, candidates, context)
        answer.write(encode({"batch": context.batch, "results": results}).encode() + b"\n")
        answer.flush()


def blocks(ask, answer, fitness, context):
    n_results, nan = len(context.results), float("nan")
    while head := ask.read(ASK.size):
        _, _, context.batch, context.generation, purpose, width, n = ASK.unpack(head)
        context.purpose, x = PURPOSES[purpose], array("d", ask.read(8 * width * n)).tolist()
        items = evaluate(fitness, (x[i : i + width] for i in range(0, width * n, width)), context)
        failed = [type(r) is dict for r in items]
        text = items[failed.index(True)]["failed"].encode(errors="replace") if True in failed else b""
        if n_results == 1:
            values = [nan if f else r for r, f in zip(items, failed)]
        else:
            values = [v for r, f in zip(items, failed) for v in ([nan] * n_results if f else r)]
        answer.write(ANSWER.pack(b"EVOR", n_results, context.batch, n, len(text)))
        answer.write(array("d", values))
        answer.write(array("i", failed).tobytes() + text)
        answer.flush()


def serve(fitness):
    ask, answer = os.fdopen(os.dup(0), "rb", ROOM), os.fdopen(os.dup(1), "wb", ROOM)
    for file in ask, answer:  # fewer turns for a batch, where the system has it
        with suppress(AttributeError, OSError):
            fcntl.fcntl(file, fcntl.F_SETPIPE_SZ, ROOM)
    os.dup2(2, 1)  # what fitness prints goes to standard error, not between the answers
    sys.stdout = sys.stderr
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    context = SimpleNamespace(**json.loads(ask.readline()))
    answer.write(b'{"protocol": 1}\n')
    answer.flush()
    (blocks if context.format == "binary" else lines)(ask, answer, fitness, context)
