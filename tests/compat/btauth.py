"""Requests that the official `btauth/1` signer makes, against our axon.

    python3 -m venv venv11 && venv11/bin/pip install -r tests/compat/requirements-v11.txt
    cargo build -p myelin-neuron --example compat_peer
    venv11/bin/python tests/compat/btauth.py target/debug/examples/compat_peer

Keys are the public development keys; no chain is needed.
"""

import http.client
import json
import subprocess
import sys


def main():
    if len(sys.argv) != 2:
        raise SystemExit(__doc__)
    from bittensor import http_auth
    from bittensor.sp_core import Keypair

    alice, bob, eve = (Keypair.create_from_uri(uri) for uri in ("//Alice", "//Bob", "//Eve"))
    ours = subprocess.Popen([sys.argv[1], "serve"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        port = int(ours.stdout.readline())
        path = "/Echo?stream=false"
        body = json.dumps({"text": "hello", "number": 3, "items": []}).encode()

        def send(headers, sent=body):
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
            connection.request("POST", path, sent, {**headers, "Content-Type": "application/json"})
            response = connection.getresponse()
            return response.status, json.loads(response.read())

        def check(holds, what):
            if not holds:
                raise SystemExit(f"failed: {what}")
            print(f"ok: {what}", flush=True)

        def sign(receiver):
            return http_auth.sign(alice, method="POST", path=path, body=body, receiver_ss58=receiver.ss58_address)

        headers = sign(bob)
        status, answer = send(headers)
        check(status == 200 and answer["answer"] == "echo: hello", "an officially signed request is answered")
        check(send(headers)[0] == 401, "the same request again is refused")
        check(send(sign(eve))[0] == 401, "a request for another receiver is refused")
        check(send(sign(bob), body.replace(b"hello", b"other"))[0] == 401, "a changed body is refused")
    finally:
        ours.stdin.close()
        ours.wait(timeout=10)


if __name__ == "__main__":
    main()
