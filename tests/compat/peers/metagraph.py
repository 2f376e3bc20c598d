"""The metagraph as bittensor 10 reads it. `metagraph.py ENDPOINT` answers what it is asked; `metagraph.py ENDPOINT NETUID` reads once
and prints the number of neurons, as a program of one purpose does."""

import os
import sys
import time

from asked import serve

os.environ.update(READ_ONLY="1", BT_NO_PARSE_CLI_ARGS="1")

import bittensor as bt  # noqa: E402

chain = bt.Subtensor(network=sys.argv[1])


def seconds(netuid):
    """How long one read takes."""
    started = time.perf_counter()
    chain.metagraph(netuid)
    return time.perf_counter() - started


def shown(netuid, block):
    """What a metagraph at a block says; stakes as the floating point numbers that users see."""
    graph = chain.metagraph(netuid, block=block)
    return {
        "n": int(graph.n),
        "hotkeys": list(graph.hotkeys),
        "coldkeys": list(graph.coldkeys),
        "alpha_stake": [float(stake) for stake in graph.alpha_stake],
        "total_stake": [float(stake) for stake in graph.total_stake],
    }


if len(sys.argv) > 2:
    print(int(chain.metagraph(int(sys.argv[2])).n))
else:
    serve(seconds=seconds, shown=shown)
