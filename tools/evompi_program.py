# SPDX-License-Identifier: MIT
"""Serves a fitness function in Python to evompi: from evompi_program import serve; serve(fitness).

fitness(parameters, context) gets a list of numbers and gives one number, or a list of one for each result;
smaller is better. If it raises an exception, this candidate has failed. context has seed, rank, ranks,
parameters and results (names), version, batch, generation and purpose ("search", "selection", "validation").
"""
import json
import os
import sys
from array import array
from struct import Struct
from types import SimpleNamespace

ASK, ANSWER = Struct("<4sIQQIIQ"), Struct("<4sIQQQ")
PURPOSES = ("search", "selection", "validation")


def evaluate(fitness, parameters, context):
    try:
        value = fitness(parameters, context)
        values = [float(v) for v in value] if hasattr(value, "__len__") else [float(value)]
    except Exception as error:  # the candidate's fault; what ends Python ends the program
        return {"failed": f"{type(error).__name__}: {error}"[:1000]}
    if len(values) != len(context.results):
        sys.exit(f"fitness gave {len(values)} results where {len(context.results)} are due: {context.results}")
    return values


def lines(ask, answer, fitness, context):
    for line in ask:
        batch = json.loads(line)
        context.batch, context.generation, context.purpose = (batch[k] for k in ("batch", "generation", "purpose"))
        results = [evaluate(fitness, list(map(float, p)), context) for p in batch["parameters"]]
        answer.write(json.dumps({"batch": context.batch, "results": results}).encode() + b"\n")
        answer.flush()


def blocks(ask, answer, fitness, context):
    none = [float("nan")] * len(context.results)
    while head := ask.read(ASK.size):
        _, _, context.batch, context.generation, purpose, width, n = ASK.unpack(head)
        context.purpose, x = PURPOSES[purpose], array("d", ask.read(8 * width * n)).tolist()
        results = [evaluate(fitness, x[i : i + width], context) for i in range(0, width * n, width)]
        failures = [r["failed"] for r in results if isinstance(r, dict)]
        text = failures[0].encode(errors="replace") if failures else b""
        answer.write(ANSWER.pack(b"EVOR", len(none), context.batch, n, len(text)))
        answer.write(array("d", [v for r in results for v in (none if isinstance(r, dict) else r)]))
        answer.write(array("i", [isinstance(r, dict) for r in results]).tobytes() + text)
        answer.flush()


def serve(fitness):
    ask, answer = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what fitness prints goes to standard error, not between the answers
    sys.stdout = sys.stderr
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    context = SimpleNamespace(**json.loads(ask.readline()))
    answer.write(b'{"protocol": 1}\n')
    answer.flush()
    (blocks if context.format == "binary" else lines)(ask, answer, fitness, context)
