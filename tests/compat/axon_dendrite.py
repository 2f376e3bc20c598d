"""Official axons and dendrites against ours, both directions, over loopback.

    python3 -m venv venv && venv/bin/pip install -r tests/compat/requirements.txt
    cargo build -p myelin-neuron --example compat_peer
    venv/bin/python tests/compat/axon_dendrite.py target/debug/examples/compat_peer

Keys are the public development keys in a temporary folder; no chain is needed. The only thing replaced in the
official package is the look-up of the machine's external address, which would ask public servers.
"""

import asyncio
import multiprocessing
import os
import subprocess
import sys
import tempfile
import time
from typing import ClassVar, Optional


def official():
    """Imports the official package and declares the synapses of the check."""
    import bittensor.utils.networking as networking

    networking.get_external_ip = lambda: "127.0.0.1"
    import bittensor as bt

    class Echo(bt.Synapse):
        text: str
        number: int = 0
        items: list = []
        answer: Optional[str] = None
        required_hash_fields: ClassVar[tuple] = ("text", "number", "items")

        def deserialize(self):
            return self.answer

    class Hang(bt.Synapse):
        pass

    class Nothing(bt.Synapse):
        pass

    class Tell(bt.StreamingSynapse):
        whole: str = ""

        async def process_streaming_response(self, response):
            async for chunk in response.content.iter_any():
                self.whole += chunk.decode()
                yield chunk.decode()

        def deserialize(self):
            return self.whole

        def extract_response_json(self, response):
            return {"whole": self.whole}

    return bt, Echo, Hang, Nothing, Tell


def wallet(bt, uri, folder):
    from bittensor_wallet import Keypair, Wallet

    key = Keypair.create_from_uri(uri)
    made = Wallet(name="compat", hotkey=uri.strip("/"), path=folder)
    made.set_coldkey(key, encrypt=False, overwrite=True)
    made.set_coldkeypub(key, encrypt=False, overwrite=True)
    made.set_hotkey(key, encrypt=False, overwrite=True)
    return made


def serve_official(port, folder, ready):
    """//Bob's official axon."""
    bt, Echo, _, _, Tell = official()
    axon = bt.Axon(wallet=wallet(bt, "//Bob", folder), port=port, ip="127.0.0.1",
                   external_ip="127.0.0.1", external_port=port)

    def echo(synapse):
        synapse.answer = f"echo: {synapse.text}"
        return synapse

    def tell(synapse):
        async def stream(send):
            for word in ("one ", "two ", "three"):
                await send({"type": "http.response.body", "body": word.encode(), "more_body": True})
                await asyncio.sleep(0.02)

        return synapse.create_streaming_response(stream)

    echo.__annotations__ = {"synapse": Echo, "return": Echo}
    tell.__annotations__ = {"synapse": Tell, "return": Tell}
    axon.attach(forward_fn=echo).attach(forward_fn=tell).start()
    ready.set()
    while True:
        time.sleep(1)


def check(holds, what):
    if not holds:
        raise SystemExit(f"failed: {what}")
    print(f"ok: {what}", flush=True)


async def ask_ours(port, folder):
    """//Alice's official dendrite asks our axon."""
    bt, Echo, Hang, Nothing, Tell = official()
    from bittensor_wallet import Keypair

    def info(uri):
        address = Keypair.create_from_uri(uri).ss58_address
        return bt.AxonInfo(version=1, ip="127.0.0.1", port=port, ip_type=4, hotkey=address, coldkey=address)

    dendrite = bt.Dendrite(wallet=wallet(bt, "//Alice", folder))
    # Otherwise an axon on the same machine is dialled at 0.0.0.0.
    dendrite.external_ip = "203.0.113.1"
    bob = info("//Bob")

    async def ask(synapse, axon=bob, timeout=5.0):
        return await dendrite.call(axon, synapse, timeout=timeout, deserialize=False)

    odd = ["it's", 1.0, 1e-05, 1e16, 123456789012345678901234567890, None, True, {"k": 'say "x"'}, "é\u200b\U0001f600"]
    answer = await ask(Echo(text="hello", number=3, items=odd))
    check(answer.dendrite.status_code == 200, f"a signed request is answered ({answer.dendrite.status_message})")
    check(answer.answer == "echo: hello", "the official client reads our answer")
    check(answer.axon.process_time is not None, "the official client reads our headers")
    ping = await ask(bt.Synapse())
    check(ping.dendrite.status_code == 200, "the official ping is answered")
    unknown = await ask(Nothing())
    check(int(unknown.dendrite.status_code) == 404, "an unknown synapse is 404 for the official client")
    other = await ask(Echo(text="x"), axon=info("//Eve"))
    check(int(other.dendrite.status_code) == 401, "a request for another hotkey is 401 for the official client")
    late = await ask(Hang(), timeout=0.5)
    check(int(late.dendrite.status_code) == 408, "a hanging handler is 408 for the official client")
    pieces = [piece async for piece in dendrite.call_stream(bob, Tell(), timeout=5.0, deserialize=False)]
    check("".join(p for p in pieces if isinstance(p, str)) == "one two three", "a stream arrives at the official client")
    dendrites = [bt.Dendrite(wallet=wallet(bt, "//Alice", folder)) for _ in range(8)]
    for one in dendrites:
        one.external_ip = "203.0.113.1"
    calls = [one.call(bob, Echo(text=str(n)), timeout=10.0, deserialize=False)
             for n in range(10) for one in dendrites[n % 8:n % 8 + 1]]
    codes = [int(a.dendrite.status_code) for a in await asyncio.gather(*calls)]
    check(codes.count(200) >= 8, "eight official dendrites at once are answered")
    for one in [dendrite, *dendrites]:
        await one.aclose_session()


def main():
    if len(sys.argv) != 2:
        raise SystemExit(__doc__)
    peer = os.path.abspath(sys.argv[1])
    sys.argv = sys.argv[:1]
    with tempfile.TemporaryDirectory() as folder:
        os.environ["HOME"] = folder
        print("official dendrite -> our axon", flush=True)
        ours = subprocess.Popen([peer, "serve"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        try:
            asyncio.run(ask_ours(int(ours.stdout.readline()), folder))
        finally:
            ours.stdin.close()
            ours.wait(timeout=10)
        print("our dendrite -> official axon", flush=True)
        ready = multiprocessing.Event()
        import socket
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        theirs = multiprocessing.Process(target=serve_official, args=(port, folder, ready), daemon=True)
        theirs.start()
        try:
            check(ready.wait(60), "the official axon started")
            time.sleep(1.5)
            subprocess.run([peer, "ask", str(port)], check=True, timeout=120)
        finally:
            theirs.terminate()


if __name__ == "__main__":
    main()
