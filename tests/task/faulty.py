# SPDX-License-Identifier: MIT
"""The same as faulty.c as a program, the protocol by hand: faulty.py FAULT ABOVE."""
import json
import os
import signal
import sys
import time

fault, above = sys.argv[1], float(sys.argv[2])


def suffer(items, i):
    if fault in ("nan", "inf"):
        items[i][0] = float(fault)
    elif fault in ("failed", "every"):
        items[i] = {"failed": "x[0] is too large"}
    elif fault == "exit":
        os._exit(0)
    elif fault == "abort":
        os.abort()
    elif fault == "segv":
        os.kill(os.getpid(), signal.SIGSEGV)
    elif fault == "loop":
        while True:
            pass
    elif fault == "memory":
        hoard = [bytearray(os.urandom(1 << 20)) for _ in range(20 * 1024)]
        sys.exit(len(hoard))
    elif fault == "closed":
        os.close(1)
        time.sleep(3600)
    elif fault in ("garbage", "half"):
        os.write(1, b"now for something else\n" if fault == "garbage" else b'{"batch": 1, "resu')
        time.sleep(3600)
    elif fault == "rank":
        items[i][0] += os.getpid()
    elif fault == "batch":
        items[i][0] += len(items) > 1


def item(x):
    return [sum((v + 1.0) * (v + 1.0) for v in x), sum(abs(v) for v in x)]


sys.stdin.readline()
if fault == "slow":
    time.sleep(2)
print('{"protocol": 1}', flush=True)
before = 0.0
while line := sys.stdin.readline():
    ask = json.loads(line)
    items = [item(x) for x in ask["parameters"]]
    for i, x in enumerate(ask["parameters"]):
        if fault == "order":
            items[i][0] += before
        before = x[0]
        if fault == "every" or x[0] > above:
            suffer(items, i)
    print(json.dumps({"batch": ask["batch"], "results": items}), flush=True)
