"""A miner of `round-trip` on the official SDK, beside Rust miners: `pip install bittensor==10.5.0`.

    python miner.py --network ws://127.0.0.1:9944 --netuid 2 --wallet alice --hotkey miner1 --ip 127.0.0.2 --port 8092

The request holds places, the answer an order in which to visit them. Every miner gets maps of its own, so nothing is committed
to, and one synapse makes a miner.
"""

import argparse
import asyncio
import concurrent.futures
import os
import sys
import threading
import time
import typing
from math import isqrt

os.environ["BT_NO_PARSE_CLI_ARGS"] = "1"
import bittensor as bt  # noqa: E402
import bittensor_wallet  # noqa: E402

WORKERS = 2
SECONDS_BETWEEN_READS = 12

# The limits of the subnet, as in src/protocol.rs.
FEWEST, MOST, SIDE = 30, 60, 10_000


class RoundTrip(bt.Synapse):
    places: list[list[int]] = []
    order: typing.Optional[list[int]] = None


def check(places):
    """Refuses a request that the subnet does not allow, before any work is done for it."""
    sound = FEWEST <= len(places) <= MOST and all(len(place) == 2 for place in places)
    if not (sound and all(0 <= coordinate < SIDE for place in places for coordinate in place)):
        raise ValueError("no map as this subnet has them")


def distance(one, other):
    return isqrt((one[0] - other[0]) ** 2 + (one[1] - other[1]) ** 2)


def solve(places):
    """A trip that always goes on to the nearest place, then uncrossed for as long as that makes it shorter."""
    left, order = set(range(1, len(places))), [0]
    while left:
        order.append(min(left, key=lambda place: distance(places[order[-1]], places[place])))
        left.remove(order[-1])

    def road(one, other):
        return distance(places[one], places[other])

    count, shorter = len(order), True
    while shorter:
        shorter = False
        for begin in range(count - 2):
            for end in range(begin + 2, count):
                one, two, three, four = order[begin], order[begin + 1], order[end], order[(end + 1) % count]
                if road(one, three) + road(two, four) < road(one, two) + road(three, four):
                    order[begin + 1 : end + 1] = reversed(order[begin + 1 : end + 1])
                    shorter = True
    return order


class _Permits:
    """Hotkeys with a validator permit. They are read again every minute, and sooner after a refusal."""

    def __init__(self, network, netuid):
        # A connection of its own: two threads cannot wait on the same connection.
        self.chain, self.netuid, self.refused = bt.Subtensor(network=network), netuid, threading.Event()
        self.read()
        threading.Thread(target=self.follow, daemon=True).start()

    def read(self):
        graph = self.chain.metagraph(self.netuid)
        self.hotkeys = {hotkey for hotkey, permit in zip(graph.hotkeys, graph.validator_permit) if permit}

    def follow(self):
        while True:
            self.refused.wait(timeout=60)
            self.refused.clear()
            try:
                self.read()
            except Exception as error:
                print(f"the chain does not answer: {error}", file=sys.stderr, flush=True)
            # Refusals are free for the asker, so they must not make this machine read all the time.
            time.sleep(SECONDS_BETWEEN_READS)

    def refuses(self, hotkey):
        if hotkey in self.hotkeys:
            return False, ""
        self.refused.set()
        return True, "only validators with a permit are answered"


def serve(axon, permits):
    # The axon calls a handler in its event loop; a search there would stop everything else.
    workers = concurrent.futures.ThreadPoolExecutor(WORKERS)

    async def answer(synapse: RoundTrip) -> RoundTrip:
        check(synapse.places)
        synapse.order = await asyncio.get_running_loop().run_in_executor(workers, solve, synapse.places)
        return synapse

    def no_stranger(synapse: RoundTrip) -> typing.Tuple[bool, str]:
        return permits.refuses(synapse.dendrite.hotkey)

    axon.attach(forward_fn=answer, blacklist_fn=no_stranger)


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
    options.add_argument("--ip", required=True, help="address that validators reach; on one machine 127.0.0.2")
    options.add_argument("--port", type=int, default=8091)
    given = options.parse_args()

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
    local = given.ip.startswith("127.")
    axon = bt.Axon(
        wallet=wallet, ip=given.ip if local else "0.0.0.0", port=given.port, external_ip=given.ip, external_port=given.port
    )
    serve(axon, _Permits(given.network, given.netuid))
    axon.start()
    served = chain.serve_axon(given.netuid, axon)
    if not served.success:
        sys.exit(f"the axon was not announced: {served.message}")
    print(f"mining subnet {given.netuid} with uid {uid}, axon at {given.ip}:{given.port}", flush=True)
    try:
        threading.Event().wait()
    except KeyboardInterrupt:
        axon.stop()


if __name__ == "__main__":
    main()
