"""A miner of the text subnet on the official SDK, beside Rust miners: `pip install bittensor==10.5.0`.

    python miner.py --network ws://127.0.0.1:9944 --netuid 2 --wallet alice --hotkey miner1 --ip 127.0.0.2 --port 8092

It answers with an OpenAI-compatible server (--backend, --model), or by itself: it looks for the longest end of the prompt that stands
in the prompt or in a folder of texts (--corpus), and goes on as the text goes on there.

One synapse makes a miner. `Text` answers, and signs what it answers to a challenge, so that everybody can see later what was asked and
answered. Without signatures a validator asks little, because nobody could check how much was done.
"""

import argparse
import asyncio
import hashlib
import json
import os
import random
import re
import sqlite3
import sys
import threading
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import List, Optional, Tuple

os.environ["BT_NO_PARSE_CLI_ARGS"] = "1"
import bittensor as bt  # noqa: E402
from bittensor_wallet import Keypair, Wallet  # noqa: E402
from starlette.requests import Request  # noqa: E402
from starlette.responses import Response  # noqa: E402

WORD = re.compile(r".\w{0,15}", re.DOTALL)  # a character and the rest of its word
LONGEST_END = 32  # most characters of the prompt's end that are searched
CORPUS_CHARACTERS = 2_000_000
KEPT_ANSWERS = 65_536
BACKEND_SECONDS = 7
SECONDS_BETWEEN_READS = 12
NO_MODEL = bytes(32)  # the miner declares no model

# The limits of the subnet; the README has them.
MAX_INPUT_BYTES, MAX_MESSAGES, MAX_TOKENS = 64 * 1024, 64, 1024
MAX_STOPS, MAX_STOP_BYTES = 8, 64


class Text(bt.Synapse):
    prompt: str = ""
    suffix: Optional[str] = None
    messages: List[dict] = []
    max_tokens: int = 0
    temperature: float = 0.0
    stop: List[str] = []
    completion: Optional[str] = None


def check(question):
    """Refuses a request that the subnet does not allow, before any work is done for it."""
    texts = [question.prompt, question.suffix or ""]
    texts += [str(message.get(field, "")) for message in question.messages for field in ("role", "content")]
    allowed = (
        sum(len(text.encode()) for text in texts) <= MAX_INPUT_BYTES
        and len(question.messages) <= MAX_MESSAGES
        and 0 <= question.max_tokens <= MAX_TOKENS
        and len(question.stop) <= MAX_STOPS
        and all(0 < len(stop.encode()) <= MAX_STOP_BYTES for stop in question.stop)
    )
    if not allowed:
        raise ValueError("larger than this subnet serves")


class Texts:
    """Continues a text as known texts continue."""

    def __init__(self, folder, name):
        files = sorted(path for path in Path(folder).rglob("*") if path.suffix in (".rs", ".py", ".md", ".txt"))
        self.corpus, self.name = "", name
        for path in files:
            self.corpus += path.read_text(errors="ignore")
            if len(self.corpus) >= CORPUS_CHARACTERS:
                break

    def complete(self, question):
        prompt = question.prompt or "\n".join(str(message.get("content", "")) for message in question.messages)
        chance = random.Random(self.name + prompt)
        text, begin = self.corpus + "\n" + prompt, len(self.corpus) + 1 + len(prompt)
        while len(text) - begin < 3 * question.max_tokens:
            text += self.next_word(text, chance)
            if any(stop in text[begin:] for stop in question.stop):
                break
        return cut(text[begin:], question.stop)

    @staticmethod
    def next_word(text, chance):
        """The word behind an earlier occurrence of the longest repeated end: the last occurrence or the one before."""
        shortest, longest = 0, LONGEST_END
        while shortest < longest:
            middle = (shortest + longest + 1) // 2
            found = text.rfind(text[-middle:], 0, len(text) - 1) >= 0
            shortest, longest = (middle, longest) if found else (shortest, middle - 1)
        end = text[len(text) - shortest :]
        at = text.rfind(end, 0, len(text) - 1)
        before = text.rfind(end, 0, at + shortest - 1) if shortest else -1
        at = before if before >= 0 and chance.random() < 0.25 else at
        return WORD.match(text, at + shortest).group()


class Server:
    """Any server with an OpenAI-compatible interface."""

    def __init__(self, url, model):
        self.url, self.model, self.key = url.rstrip("/"), model, os.environ.get("OPENAI_API_KEY")

    def complete(self, question):
        asked = {"model": self.model, "max_tokens": question.max_tokens, "temperature": question.temperature}
        asked |= {"stop": question.stop} if question.stop else {}
        chat = bool(question.messages)
        asked |= {"messages": question.messages} if chat else {"prompt": question.prompt}
        asked |= {"suffix": question.suffix} if question.suffix else {}
        path = "/chat/completions" if chat else "/completions"
        headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {self.key}"} if self.key else {})
        request = urllib.request.Request(self.url + path, json.dumps(asked).encode(), headers)
        with urllib.request.urlopen(request, timeout=BACKEND_SECONDS) as answer:
            choice = json.load(answer)["choices"][0]
        return cut(choice["message"]["content"] if chat else choice["text"], question.stop)


def cut(text, stops):
    """The text before the first of the stops."""
    return text[: min((at for at in map(text.find, stops) if at >= 0), default=len(text))]


class Answers:
    """Signed answers to challenges, each answered once and for all; a file keeps the last ones, also over restarts."""

    def __init__(self, model, hotkey, genesis, netuid, file):
        self.model, self.hotkey, self.genesis, self.netuid = model, hotkey, genesis, netuid
        self.lock, self.kept = threading.Lock(), sqlite3.connect(file, check_same_thread=False, isolation_level=None)
        self.kept.execute("PRAGMA journal_mode = WAL")
        self.kept.execute("CREATE TABLE IF NOT EXISTS answers (place INTEGER PRIMARY KEY, question TEXT UNIQUE, body BLOB, signature TEXT)")

    def answer(self, question, raw, asker, challenge, until):
        """The body of an answer, and the header with its signature if the request has a challenge."""
        if time.monotonic() > until:
            raise TimeoutError("nobody waits for this answer any more")
        name = f"{self.genesis.hex()} {self.netuid} {asker} {challenge}"
        known = self.find(name) if challenge else None
        if known:
            return known
        body = json.dumps({"completion": self.model.complete(question)}).encode()
        return self.keep(name, body, self.vouch(asker, raw, body, challenge)) if challenge else (body, None)

    def find(self, name):
        with self.lock:
            return self.kept.execute("SELECT body, signature FROM answers WHERE question = ?", (name,)).fetchone()

    def keep(self, name, body, signature):
        """Stores an answer before it is sent: two different answers to one challenge would be a proof of dishonesty."""
        with self.lock:
            self.kept.execute("INSERT OR IGNORE INTO answers (question, body, signature) VALUES (?, ?, ?)", (name, body, signature))
            self.kept.execute("DELETE FROM answers WHERE place <= (SELECT max(place) FROM answers) - ?", (KEPT_ANSWERS,))
        return self.find(name)

    def vouch(self, asker, raw, body, challenge):
        parts = self.genesis, self.netuid.to_bytes(2, "little"), bytes.fromhex(challenge), blake2(raw), blake2(body)
        keys = NO_MODEL, Keypair(ss58_address=asker).public_key, self.hotkey.public_key
        signature = self.hotkey.sign(b"myelin/answer/1" + b"".join(parts + keys))
        return f"1.{NO_MODEL.hex()}.{blake2(body).hex()}.{signature.hex()}"


def blake2(data):
    return hashlib.blake2b(data, digest_size=32).digest()


class Permits:
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


def serve(axon, answers, permits, workers):
    # The axon calls a handler in its event loop; a model there would stop everything else.
    workers = ThreadPoolExecutor(workers)

    def working(function, *arguments):
        return asyncio.get_running_loop().run_in_executor(workers, function, *arguments)

    async def answer(synapse: Text, request: Request) -> Text:
        check(synapse)
        challenge = request.headers.get("bt_header_myelin_challenge")
        if challenge and not re.fullmatch("[0-9a-f]{64}", challenge):
            raise ValueError("a challenge has 64 hexadecimal digits")
        # The axon has verified this header; the sender in the body is not signed.
        asker = request.headers["bt_header_dendrite_hotkey"]
        until = time.monotonic() + float(request.headers.get("timeout", BACKEND_SECONDS))
        body, signature = await working(answers.answer, synapse, await request.body(), asker, challenge, until)
        headers = {"bt_header_myelin_answer": signature} if signature else {}
        # A synapse would be written with times and nonces of this call, and could not be signed.
        response = Response(body, media_type="application/json", headers=headers)
        response.synapse = synapse
        return response

    def no_stranger(synapse: Text) -> Tuple[bool, str]:
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
    options.add_argument(
        "--corpus",
        default=Path(os.__file__).parent,
        help="folder of texts like those that are asked for; with the default, Python's own library, it can earn nothing for long",
    )
    options.add_argument("--backend", help="base URL of an OpenAI-compatible server")
    options.add_argument("--model", help="name of the server's model")
    options.add_argument("--answers", help="file that keeps signed answers; by default one beside the hotkey's wallet")
    options.add_argument("--workers", type=int, default=4, help="answers at the same time; what gets done is paid")
    given = options.parse_args()
    if given.backend and not given.model:
        options.error("--backend needs --model")

    wallet = Wallet(name=given.wallet, hotkey=given.hotkey, path=given.wallet_path)
    try:
        address = wallet.hotkey.ss58_address
    except Exception as error:
        keys = f"hotkey {given.hotkey} of wallet {given.wallet} in {given.wallet_path}"
        sys.exit(f"{keys} can't be used ({in_a_line(error)}); see `btcli wallet list`, or give --wallet, --hotkey or --wallet-path")
    try:
        chain = bt.Subtensor(network=given.network)
    except Exception as error:
        sys.exit(f"no chain answers at {given.network} ({in_a_line(error)}); start a node, or give its address with --network")
    uid = chain.get_uid_for_hotkey_on_subnet(address, given.netuid)
    if uid is None:
        sys.exit(f"hotkey {address} is not registered on subnet {given.netuid}; `btcli subnets register` registers it")
    model = Server(given.backend, given.model) if given.backend else Texts(given.corpus, address)
    local = given.ip.startswith("127.")
    axon = bt.Axon(
        wallet=wallet, ip=given.ip if local else "0.0.0.0", port=given.port, external_ip=given.ip, external_port=given.port
    )
    genesis = bytes.fromhex(chain.get_block_hash(0).removeprefix("0x"))
    file = given.answers or Path(given.wallet_path).expanduser() / given.wallet / f"answers-{given.hotkey}.sqlite"
    answers = Answers(model, wallet.hotkey, genesis, given.netuid, file)
    serve(axon, answers, Permits(given.network, given.netuid), given.workers)
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
