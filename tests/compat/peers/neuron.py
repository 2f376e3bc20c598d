"""The official axon and dendrite of bittensor 10.

The only thing replaced is the look-up of the machine's external address, which would ask public servers. Keys are development
keys in the folder that the first argument names.
"""

import asyncio
import json
import os
import socket
import sys
import threading
import time
from typing import ClassVar, Optional, Tuple

from asked import serve

os.environ.update(HOME=sys.argv[1], READ_ONLY="1", BT_NO_PARSE_CLI_ARGS="1")

import bittensor.utils.networking as networking  # noqa: E402

networking.get_external_ip = lambda: "127.0.0.1"

import bittensor as bt  # noqa: E402
from bittensor_wallet import Keypair, Wallet  # noqa: E402


class Echo(bt.Synapse):
    text: str
    number: int = 0
    items: list = []
    answer: Optional[str] = None
    required_hash_fields: ClassVar[tuple] = ("text", "number", "items")


class Nap(bt.Synapse):
    """Takes longer than half a second."""


class Broken(bt.Synapse):
    """Whose handler fails."""


class Locked(bt.Synapse):
    """Which nobody may ask."""


class Nothing(bt.Synapse):
    """Which no axon serves."""


class Tell(bt.StreamingSynapse):
    pieces: list = []

    async def process_streaming_response(self, response):
        async for chunk in response.content.iter_any():
            self.pieces.append(chunk.decode())
            yield chunk.decode()

    def deserialize(self):
        return self.pieces

    def extract_response_json(self, response):
        """Everything but the pieces is in the headers, as such classes read it."""
        headers = response.headers
        sides = {
            side: {name.removeprefix(start): value for name, value in headers.items() if name.startswith(start)}
            for side, start in (("dendrite", "bt_header_dendrite_"), ("axon", "bt_header_axon_"))
        }
        sizes = {name: int(headers[name]) for name in ("header_size", "total_size")}
        return {"name": headers["name"], "timeout": float(headers["timeout"]), **sizes, **sides, "pieces": self.pieces}


CLASSES = {kind.__name__: kind for kind in (bt.Synapse, Echo, Nap, Broken, Locked, Nothing, Tell)}


def wallet(uri):
    key = Keypair.create_from_uri(uri)
    made = Wallet(name="compat", hotkey=uri.strip("/"), path=sys.argv[1])
    made.set_coldkey(key, encrypt=False, overwrite=True)
    made.set_coldkeypub(key, encrypt=False, overwrite=True)
    made.set_hotkey(key, encrypt=False, overwrite=True)
    return made


def axon(uri, port):
    """Serves the synapses above on the port; returns when it answers."""
    served = bt.Axon(wallet=wallet(uri), port=port, ip="127.0.0.1", external_ip="127.0.0.1", external_port=port)

    def echo(synapse: Echo) -> Echo:
        synapse.answer = f"echo: {synapse.text}"
        return synapse

    async def nap(synapse: Nap) -> Nap:
        await asyncio.sleep(0.8)
        return synapse

    def broken(synapse: Broken) -> Broken:
        raise RuntimeError("on purpose")

    def locked(synapse: Locked) -> Locked:
        return synapse

    def nobody(synapse: Locked) -> Tuple[bool, str]:
        return True, "nobody may"

    def tell(synapse: Tell) -> Tell:
        async def stream(send):
            for word in ("one ", "two ", "three"):
                await send({"type": "http.response.body", "body": word.encode(), "more_body": True})
                await asyncio.sleep(0.1)

        return synapse.create_streaming_response(stream)

    for handler in (echo, nap, broken, tell):
        served.attach(forward_fn=handler)
    served.attach(forward_fn=locked, blacklist_fn=nobody)
    served.start()
    while not listens(port):
        time.sleep(0.05)


def listens(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


LOOP = asyncio.new_event_loop()
threading.Thread(target=LOOP.run_forever, daemon=True).start()


def wait(coroutine):
    return asyncio.run_coroutine_threadsafe(coroutine, LOOP).result()


def target(uri, port):
    address = Keypair.create_from_uri(uri).ss58_address
    return bt.AxonInfo(version=1, ip="127.0.0.1", port=port, ip_type=4, hotkey=address, coldkey=address)


def dendrite(crypto_type=1):
    made = bt.Dendrite(wallet=Keypair.create_from_uri("//Alice", crypto_type=crypto_type))
    # An axon on the machine's own address would be dialled at 0.0.0.0.
    made.external_ip = "203.0.113.1"
    return made


def told(synapse):
    """What a synapse knows after the call."""
    terminal = lambda info: {name: value for name, value in info.model_dump().items() if value is not None}  # noqa: E731
    fields = {name: getattr(synapse, name) for name in ("text", "answer") if hasattr(synapse, name)}
    return {**fields, "dendrite": terminal(synapse.dendrite), "axon": terminal(synapse.axon)}


def ask(synapse, port, fields=None, axon="//Bob", timeout=20.0, times=1, crypto_type=1):
    """One call of each of `times` dendrites, at the same time. Fields may come as JSON text."""
    fields = json.loads(fields) if isinstance(fields, str) else fields or {}

    async def calls():
        asking = [dendrite(crypto_type) for _ in range(times)]
        made = [CLASSES[synapse](**fields) for _ in range(times)]
        answers = await asyncio.gather(
            *(one.call(target(axon, port), what, timeout=timeout, deserialize=False) for one, what in zip(asking, made))
        )
        for one in asking:
            await one.aclose_session()
        return [{**told(answer), "asked_by": one.uuid} for one, answer in zip(asking, answers)]

    return wait(calls())


def forward(port, number):
    """The same question to `number` axons by one call of one dendrite."""

    async def call():
        one = dendrite()
        answers = await one.forward([target("//Bob", port)] * number, Echo(text="all"), timeout=20.0, deserialize=False, run_async=False)
        await one.aclose_session()
        return [told(answer) for answer in answers]

    return wait(call())


def stream(port):
    async def call():
        one = dendrite()
        pieces = [piece async for piece in one.call_stream(target("//Bob", port), Tell(), timeout=20.0, deserialize=False)]
        await one.aclose_session()
        last = pieces.pop()
        return {**told(last), "pieces": pieces, "asked_by": one.uuid}

    return wait(call())


def load(port, lanes, seconds, axon="//Bob"):
    """Asks for so long with `lanes` dendrites at the same time, each one question after the other: how many seconds each answer took,
    and how many answers were wrong."""

    async def lane(one):
        times, wrong = [], 0
        until = time.perf_counter() + seconds
        while (started := time.perf_counter()) < until:
            answer = await one.call(target(axon, port), Echo(text="hey"), timeout=20.0, deserialize=False)
            times.append(time.perf_counter() - started)
            wrong += answer.answer != "echo: hey"
        await one.aclose_session()
        return times, wrong

    async def all_lanes():
        return await asyncio.gather(*(lane(one) for one in asking))

    asking = [dendrite() for _ in range(lanes)]
    lanes_told = wait(all_lanes())
    return {"seconds": [took for times, _ in lanes_told for took in times], "wrong": sum(wrong for _, wrong in lanes_told)}


serve(axon=axon, ask=ask, forward=forward, stream=stream, load=load)
