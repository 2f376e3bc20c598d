"""The official wallet library: `wallet.py 10` is bittensor-wallet, `wallet.py 11` the keys of bittensor 11."""

import sys
from base64 import b64decode, b64encode

from asked import serve

if sys.argv[1] == "11":
    from bittensor import sp_core as files
    from bittensor.sp_core import Keypair
else:
    from bittensor_wallet import Keypair, Keyfile, Wallet
    from bittensor_wallet import keyfile as files


def make(uri=None, mnemonic=None, seed=None, private=None, crypto_type=1):
    if uri is not None:
        return Keypair.create_from_uri(uri, crypto_type=crypto_type)
    if mnemonic is not None:
        return Keypair.create_from_mnemonic(mnemonic, crypto_type=crypto_type)
    if seed is not None:
        return Keypair.create_from_seed(seed)
    return Keypair.create_from_private_key(private)


def address(**source):
    return make(**source).ss58_address


def words(number):
    return Keypair.generate_mnemonic(number)


def sign(message, **source):
    return "0x" + make(**source).sign(bytes.fromhex(message)).hex()


def verify(address, message, signature):
    return Keypair(ss58_address=address).verify(bytes.fromhex(message), bytes.fromhex(signature[2:]))


def content(**source):
    """What a plain keyfile holds."""
    return bytes(files.serialized_keypair_to_keyfile_data(make(**source))).decode()


def read(content):
    return files.deserialize_keypair_from_keyfile_data(content.encode()).ss58_address


def seal(content, password):
    return b64encode(bytes(files.encrypt_keyfile_data(content.encode(), password))).decode()


def seal_vault(content, password):
    return b64encode(bytes(files.legacy_encrypt_keyfile_data(content.encode(), password))).decode()


def seal_fernet(content, password):
    """As the oldest official wallets did it; nothing of theirs that still runs writes it."""
    from cryptography.fernet import Fernet
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.kdf.pbkdf2 import PBKDF2HMAC

    salt = b"Iguesscyborgslikemyselfhaveatendencytobeparanoidaboutourorigins"
    key = PBKDF2HMAC(algorithm=SHA256(), salt=salt, length=32, iterations=10_000_000).derive(password.encode())
    return b64encode(Fernet(b64encode(key, b"-_")).encrypt(content.encode())).decode()


def unseal(sealed, password):
    return bytes(files.decrypt_keyfile_data(b64decode(sealed), password)).decode()


def write_wallet(path, name, cold, hot, password):
    """A wallet's four files; the coldkey is encrypted."""
    wallet = Wallet(name=name, hotkey="first", path=path)
    wallet.set_coldkey(make(**cold), encrypt=True, overwrite=True, coldkey_password=password)
    wallet.set_coldkeypub(make(**cold), overwrite=True)
    wallet.set_hotkey(make(**hot), encrypt=False, overwrite=True)
    wallet.set_hotkeypub(make(**hot), overwrite=True)


def read_wallet(path, name, password):
    wallet = Wallet(name=name, hotkey="first", path=path)
    return {
        "coldkey": wallet.get_coldkey(password).ss58_address,
        "coldkeypub": wallet.coldkeypub.ss58_address,
        "hotkey": wallet.hotkey.ss58_address,
        "hotkeypub": wallet.hotkeypub.ss58_address,
    }


def variable(path, password):
    """The variable for the password of a keyfile, and its value."""
    file = Keyfile(path=path, name="coldkey")
    value = file.save_password_to_env(password)
    return [file.env_var_name(), value]


def open_export(json, password):
    return Keypair.create_from_encrypted_json(json, password).ss58_address


serve(
    address=address, words=words, sign=sign, verify=verify, content=content, read=read, seal=seal, seal_vault=seal_vault,
    seal_fernet=seal_fernet, unseal=unseal, write_wallet=write_wallet, read_wallet=read_wallet, variable=variable,
    open_export=open_export,
)
