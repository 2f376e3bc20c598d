"""Times the CRPS of ensembles in NumPy and prints its exact sum.

Usage: crps.py FILE MEMBERS STEPS TIMES; the file has the members, row by row, and the outcomes, as 32-bit integers.
"""

import json
import sys
import time

import numpy as np

name, members, steps, times = sys.argv[1], *map(int, sys.argv[2:])
numbers = np.fromfile(name, dtype="<i4")
paths, outcomes = numbers[: members * steps].reshape(members, steps), numbers[members * steps :]
factors = (2 * np.arange(1, members + 1) - members - 1)[:, None]


def scaled(paths, outcomes):
    """n² · CRPS of each step."""
    distance = np.abs(paths - outcomes).sum(axis=0)
    return members * distance - (factors * np.sort(paths, axis=0)).sum(axis=0)


said = {}
for kind in ("float64", "int32"):
    typed = paths.astype(kind), outcomes.astype(kind)
    started = time.perf_counter()
    for _ in range(times):
        scores = scaled(*typed)
    said[kind] = time.perf_counter() - started
    said[kind + " sum"] = int(scores.sum())
print(json.dumps(said))
