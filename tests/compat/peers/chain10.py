"""The chain as bittensor 10 sees it: `chain10.py ENDPOINT`, or `chain10.py ENDPOINT async` for the twin that is awaited. Every method is
called by its official name, on `Subtensor` itself or in the group of `SubtensorApi` that has it.

Arguments are JSON; what JSON cannot say is a dictionary of one entry whose name begins with a dollar (`SPECIAL` below)."""

import argparse
import asyncio
import dataclasses
import datetime
import enum
import inspect
import os
import sys

from asked import serve

FOLDER = os.environ["HOME"]
os.environ.update(READ_ONLY="1", BT_NO_PARSE_CLI_ARGS="1")

import bittensor as bt  # noqa: E402
import numpy  # noqa: E402
from bittensor.core.metagraph import MetagraphMixin  # noqa: E402
from bittensor.core.types import ExtrinsicResponse  # noqa: E402
from bittensor_wallet import Keypair, Wallet  # noqa: E402

ASYNC = sys.argv[2:] == ["async"]
LOOP = asyncio.new_event_loop()


def done(value):
    """What the awaited twin promises."""
    return LOOP.run_until_complete(value) if inspect.isawaitable(value) else value


def connected():
    """Groups and methods of one connection."""
    made = bt.SubtensorApi(network=sys.argv[1], async_subtensor=ASYNC, websocket_shutdown_timer=None)
    if ASYNC:
        done(made.initialize())
    return made


api = connected()
chain = api.inner_subtensor


def wallet(name):
    """The coldkey is `//Alice`, the hotkey `//Alice_hk`."""
    made = Wallet(name=name, hotkey="hot", path=FOLDER)
    cold, hot = Keypair.create_from_uri(f"//{name}"), Keypair.create_from_uri(f"//{name}_hk")
    made.set_coldkey(cold, encrypt=False, overwrite=True)
    made.set_coldkeypub(cold, encrypt=False, overwrite=True)
    made.set_hotkey(hot, encrypt=False, overwrite=True)
    return made


def axon(name, ip, port):
    """Announced, not started."""
    return bt.Axon(wallet=wallet(name), port=port, ip=ip, external_ip=ip, external_port=port)


SPECIAL = {
    "$wallet": wallet,
    "$key": Keypair.create_from_uri,
    "$rao": lambda rao, netuid=0: bt.Balance.from_rao(rao, netuid),
    "$call": lambda pallet, call, arguments: done(chain.compose_call(pallet, call, arguments)),
    "$axon": axon,
    "$identity": lambda fields: bt.SubnetIdentity(**fields),
}


def made_of(value):
    if isinstance(value, dict) and len(value) == 1 and next(iter(value)) in SPECIAL:
        (kind, arguments), = value.items()
        return SPECIAL[kind](*made_of(arguments if isinstance(arguments, list) else [arguments]))
    if isinstance(value, dict):
        return {name: made_of(item) for name, item in value.items()}
    return [made_of(item) for item in value] if isinstance(value, list) else value


METAGRAPH = (
    "netuid", "mechid", "n", "block", "uids", "hotkeys", "coldkeys", "axons", "active", "last_update", "validator_permit",
    "validator_trust", "consensus", "incentive", "dividends", "emission", "alpha_stake", "tao_stake", "total_stake", "weights",
    "bonds", "name", "symbol", "tempo", "owner_hotkey", "owner_coldkey", "hparams", "pool", "identity",
)


def plain(value):
    """What JSON can say of a value. Amounts become rao, objects their fields."""
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, ExtrinsicResponse):
        return outcome(value)
    if isinstance(value, bt.Balance):
        return value.rao
    if isinstance(value, enum.Enum):
        return plain(value.value)
    if isinstance(value, datetime.datetime):
        return int(value.timestamp() * 1000)
    if isinstance(value, (bytes, bytearray)):
        return "0x" + bytes(value).hex()
    if isinstance(value, numpy.generic):
        return value.item()
    if isinstance(value, numpy.ndarray):
        return value.tolist()
    if isinstance(value, MetagraphMixin):
        return {name: plain(getattr(value, name)) for name in METAGRAPH}
    if dataclasses.is_dataclass(value):
        return {field.name: plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if hasattr(value, "value"):
        return plain(value.value)
    if hasattr(value, "__aiter__"):
        return plain(done(listed(value)))
    return [plain(item) for item in value] if hasattr(value, "__iter__") else str(value)


async def listed(value):
    return [item async for item in value]


def outcome(response):
    """What happened in the block; an error if it failed there or before."""
    if not response.success:
        raise RuntimeError(f"{type(response.error).__name__}: {response.message}")
    receipt = response.extrinsic_receipt
    block = receipt and done(chain.substrate.get_block_number(receipt.block_hash))
    return {"block": block, "data": plain(response.data)}


def methods():
    """All public methods, with the names of their arguments; None for a property."""
    kind = bt.AsyncSubtensor if ASYNC else bt.Subtensor
    parameters = lambda method: list(inspect.signature(method).parameters)  # noqa: E731
    public = {name: getattr(kind, name) for name in dir(kind) if not name.startswith("_")}
    return {name: parameters(method) if callable(method) else None for name, method in public.items()}


def groups():
    """The names of each group, and which method each is."""
    found = {}
    for group in (name for name, kind in vars(bt.SubtensorApi).items() if isinstance(kind, property) and name != "block"):
        members = vars(getattr(api, group)).items()
        found[group] = {name: method.__name__ for name, method in members if callable(method)}
    return found


def call(name, arguments, group=None):
    """A method's answer. Transactions wait for their block, not for its finality, unless they are asked to."""
    method = getattr(chain if group is None else getattr(api, group), name)
    if not callable(method):
        return plain(done(method))
    parameters = inspect.signature(method).parameters
    if "wait_for_finalization" in parameters:
        arguments = {"wait_for_inclusion": True, "wait_for_finalization": False, **arguments}
    made = made_of(arguments)
    several = [made.pop(of) for of, parameter in parameters.items() if parameter.kind is parameter.VAR_POSITIONAL]
    return plain(done(method(*(item for items in several for item in items), **made)))


def call_hash(call):
    return "0x" + bytes(made_of(call).call_hash).hex()


def options():
    """The names that `add_args` gives to a command line."""
    parser = argparse.ArgumentParser(add_help=False)
    type(chain).add_args(parser)
    return sorted(option for action in parser._actions for option in action.option_strings)


def setup(network):
    return list(chain.setup_config(network, chain.config()))


def reconnect():
    """Closes this connection and opens another."""
    global api, chain
    done(chain.close())
    api = connected()
    chain = api.inner_subtensor


serve(methods=methods, groups=groups, call=call, call_hash=call_hash, options=options, setup=setup, reconnect=reconnect)
