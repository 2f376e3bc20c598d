"""The chain as bittensor 11 sees it: `chain11.py ENDPOINT`. Reads and intents are called by their official names."""

import dataclasses
import hashlib
import sys
from types import SimpleNamespace

import bittensor
from asked import serve
from bittensor import intents as all_intents
from bittensor.balance import Balance
from bittensor.sp_core import Keypair

chain = bittensor.Subtensor(sys.argv[1], fallback_endpoints=[], archive_endpoints=[])


def plain(value):
    """What JSON can say of a value. Amounts become rao."""
    if isinstance(value, Balance):
        return value.rao
    if dataclasses.is_dataclass(value):
        return {field.name: plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, (bytes, bytearray)):
        return "0x" + bytes(value).hex()
    return value if value is None or isinstance(value, (bool, int, float, str)) else str(value)


def wallet(cold, hot):
    coldkey, hotkey = Keypair.create_from_uri(cold), Keypair.create_from_uri(hot)
    return SimpleNamespace(coldkey=coldkey, coldkeypub=coldkey, hotkey=hotkey)


def reads():
    """All reads by name, with the names of their arguments."""
    return {read["name"]: list(read["params"]) for read in chain.reads()}


def read(name, arguments, block=None):
    """At the head, or as it was at a block."""
    return plain((chain if block is None else chain.at(block)).read(name, **arguments))


def metagraph(netuid):
    """The object with its neurons."""
    return plain(chain.subnets.metagraph(netuid))


def storage(pallet, item, keys=()):
    return plain(chain.query((pallet, item), list(keys)))


def block():
    return chain.block


def wait_for_block(block):
    return chain.wait_for_block(block, timeout=60).number


def wait_for_epoch(netuid):
    return chain.wait_for_epoch(netuid, timeout=60).block


def intents():
    """All intents by name."""
    return sorted(all_intents.REGISTRY)


def hyperparameters():
    """The names that `set_hyperparameter` takes."""
    return sorted(all_intents.OWNER_HYPERPARAMETERS)


def plan(op, arguments, cold, hot, **how):
    made = chain.plan(all_intents.build(op, arguments), wallet(cold, hot), **how)
    return plain({**made.to_dict(), "call_hash": made.call.call_hash})


def multisig(signatories, threshold):
    """The account that these share."""
    return chain.multisig(signatories, threshold)._target.address


def commit(hotkey, netuid, uids, values, salt):
    """The hash that commits to weights which are revealed with a salt."""
    numbers = lambda list: bytes([4 * len(list)]) + b"".join(number.to_bytes(2, "little") for number in list)
    account = Keypair.create_from_uri(hotkey).public_key
    row = netuid.to_bytes(2, "little") + numbers(uids) + numbers(values) + numbers(salt) + bytes(8)
    return "0x" + hashlib.blake2b(account + row, digest_size=32).hexdigest()


def outcome(result):
    """What happened in the block; an error if it failed there."""
    if not result.success:
        raise RuntimeError(f"{getattr(result.error, 'name', None)}: {result.message}")
    return plain({"data": result.data, "block": int(result.extrinsic_id.split("-")[0])})


def execute(op, arguments, cold, hot, limit=None, **how):
    """Waits for the block, not for its finality, unless it is asked to; spends no more TAO than the limit."""
    how = {"wait_for_finalization": False, **how}
    policy = None if limit is None else bittensor.Policy(max_spend_tao=limit)
    return outcome(chain.execute(all_intents.build(op, arguments), wallet(cold, hot), policy=policy, **how))


def submit(pallet, call, arguments, cold, hot, signer="coldkey", root=False):
    """A call without its intent."""
    made = getattr(getattr(bittensor.calls, pallet), call)(**arguments)
    if root:
        made = bittensor.calls.Sudo.sudo(call=chain.compose(made))
    return outcome(chain.submit_call(made, wallet(cold, hot), signer=signer, wait_for_finalization=False))


def submit_signed_elsewhere(pallet, call, arguments, cold):
    """A call that is prepared for an address, signed by a key that knows no chain, and sent with the signature."""
    key = Keypair.create_from_uri(cold)
    made = getattr(getattr(bittensor.calls, pallet), call)(**arguments)
    unsigned = chain.prepare_call(made, address=key.ss58_address)
    return outcome(chain.submit_signature(unsigned, key.sign(unsigned.payload), wait_for_finalization=False))


serve(
    reads=reads, read=read, metagraph=metagraph, storage=storage, block=block, wait_for_block=wait_for_block,
    wait_for_epoch=wait_for_epoch, intents=intents, hyperparameters=hyperparameters, plan=plan, execute=execute,
    submit=submit, submit_signed_elsewhere=submit_signed_elsewhere, multisig=multisig, commit=commit,
)
