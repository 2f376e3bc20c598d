"""A validator of `round-trip` on the official SDK: `pip install bittensor==10.5.0`.

    python validator.py --network ws://127.0.0.1:9944 --netuid 2 --wallet bob --hotkey validator1

It scores as src/score.rs does, to the last bit, and sets weights once per epoch. What it lacks beside the Rust validator: its maps
come from this machine's randomness and not from the chain's, so nobody can check afterwards that it drew them fairly; it keeps
no evidence; it cannot judge submitted programs. And this SDK sets weights only where the owner has switched commitments off
(`myelin subnet set commit_reveal_weights_enabled off`).
"""

import argparse
import asyncio
import os
import secrets
import sys
import time
import typing
from math import isqrt

os.environ["BT_NO_PARSE_CLI_ARGS"] = "1"
import bittensor as bt  # noqa: E402
import bittensor_wallet  # noqa: E402
from bittensor.utils import networking  # noqa: E402

MAPS = 6  # for each miner in a round
SECONDS = 8  # to answer
RATE = 0.4  # weight of a new round in the average
MOST_MINERS = 256

# As in src/protocol.rs.
FEWEST, MOST, SIDE = 30, 60, 10_000
ONE = 1_000_000


class RoundTrip(bt.Synapse):
    places: list[list[int]] = []
    order: typing.Optional[list[int]] = None


def draw():
    count = FEWEST + secrets.randbelow(MOST - FEWEST + 1)
    return [[secrets.randbelow(SIDE), secrets.randbelow(SIDE)] for _ in range(count)]


def distance(one, other):
    return isqrt((one[0] - other[0]) ** 2 + (one[1] - other[1]) ** 2)


def net(places):
    """Length of a minimum spanning tree: no trip is shorter."""
    length, roads = 0, {at: distance(places[0], places[at]) for at in range(1, len(places))}
    while roads:
        nearest = min(roads, key=roads.get)
        length += roads.pop(nearest)
        for at in roads:
            roads[at] = min(roads[at], distance(places[nearest], places[at]))
    return length


def score(places, order, milliseconds):
    """The score in millionths; nothing for an order that is not a trip."""
    if not isinstance(order, list) or sorted(order) != list(range(len(places))):
        return 0
    trip = sum(distance(places[one], places[other]) for one, other in zip(order, order[1:] + order[:1]))
    shortest, allowed = net(places), 1000 * SECONDS
    quality = max(0, min(ONE, (2 * shortest - trip) * ONE // shortest))
    speed = max(0, min(ONE, (allowed - milliseconds) * ONE // (allowed - allowed // 4)))
    return quality * (900_000 + 100_000 * speed // ONE) // ONE


async def ask(dendrite, neuron):
    """The mean score of a miner in a round; every miner gets maps of its own."""
    total = 0
    # Requests go one after the other: an axon refuses requests that overtake each other.
    for places in [draw() for _ in range(MAPS)]:
        began = time.monotonic()
        answer = await dendrite(neuron.axon_info, RoundTrip(places=places), timeout=SECONDS, deserialize=False)
        total += score(places, answer.order, int(1000 * (time.monotonic() - began)))
    return total / MAPS


async def play_round(wallet, neurons):
    async with bt.Dendrite(wallet=wallet) as dendrite:
        return await asyncio.gather(*(ask(dendrite, neuron) for neuron in neurons))


def in_a_line(error):
    return " ".join(str(error).split()) or type(error).__name__


def main():
    options = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    node = os.environ.get("MYELIN_ENDPOINT") or "ws://127.0.0.1:9944"
    options.add_argument("--network", default=node, help="the node")
    options.add_argument("--netuid", type=int, required=True)
    options.add_argument("--wallet", default="default", help="name of the wallet")
    options.add_argument("--hotkey", default="default")
    folder = os.environ.get("BT_WALLET_PATH") or "~/.bittensor/wallets"
    options.add_argument("--wallet-path", default=folder, help="folder of the wallets; by default that of BT_WALLET_PATH")
    options.add_argument("--pause", type=float, default=12, help="seconds between two rounds")
    options.add_argument("--ip", help="this machine's address, for a machine where the SDK cannot ask public servers for it")
    given = options.parse_args()
    if given.ip:
        networking.get_external_ip = lambda: given.ip

    wallet = bittensor_wallet.Wallet(name=given.wallet, hotkey=given.hotkey, path=given.wallet_path)
    try:
        address = wallet.hotkey.ss58_address
    except Exception as error:
        keys = f"hotkey {given.hotkey} of wallet {given.wallet} in {given.wallet_path}"
        sys.exit(f"{keys} can't be used ({in_a_line(error)}); give --wallet, --hotkey or --wallet-path")
    try:
        chain = bt.Subtensor(network=given.network)
    except Exception as error:
        sys.exit(f"no chain answers at {given.network} ({in_a_line(error)}); start a node, or give its address with --network")
    uid = chain.get_uid_for_hotkey_on_subnet(address, given.netuid)
    if uid is None:
        sys.exit(f"hotkey {address} is not registered on subnet {given.netuid}; `btcli subnets register` registers it")
    print(f"validating subnet {given.netuid} with uid {uid}", flush=True)

    # Averages are kept by hotkey, so that a newcomer on an old uid inherits nothing.
    averages = {}
    while True:
        graph = chain.metagraph(given.netuid, lite=False)
        if not graph.validator_permit[uid]:
            print("no validator permit yet, so miners refuse to answer", flush=True)
            time.sleep(given.pause)
            continue
        neurons = [neuron for neuron in graph.neurons if neuron.axon_info.is_serving and neuron.uid != uid][:MOST_MINERS]
        for neuron, mean in zip(neurons, asyncio.run(play_round(wallet, neurons))):
            average = averages.get(neuron.hotkey, mean)
            averages[neuron.hotkey] = average + RATE * (mean - average)
        print("averages", *(f"{neuron.uid}:{averages[neuron.hotkey] / ONE:.3f}" for neuron in neurons), flush=True)
        best = max((averages[neuron.hotkey] for neuron in neurons), default=0)
        since, least = chain.blocks_since_last_update(given.netuid, uid), chain.weights_rate_limit(given.netuid)
        if best > 0 and since > max(least, chain.tempo(given.netuid)):
            # The square of the average: one good miner earns more than two mediocre ones.
            weights = [(averages[neuron.hotkey] / best) ** 2 for neuron in neurons]
            said = chain.set_weights(wallet, given.netuid, [neuron.uid for neuron in neurons], weights)
            print("weights set" if said.success else f"weights not set: {said.message}", flush=True)
        time.sleep(given.pause)


if __name__ == "__main__":
    main()
