"""The request signatures of bittensor 11."""

from asked import serve
from bittensor import http_auth
from bittensor.sp_core import Keypair


def sign(path, body, receiver, nonce=None, crypto_type=1):
    signer = Keypair.create_from_uri("//Alice", crypto_type=crypto_type)
    return http_auth.sign(signer, method="POST", path=path, body=body.encode(), receiver_ss58=receiver, nonce_ns=nonce)


def verify(headers, path, body, receiver):
    caller = http_auth.verify(headers, body.encode(), method="POST", path=path, self_hotkey_ss58=receiver)
    return caller.hotkey_ss58


serve(sign=sign, verify=verify)
