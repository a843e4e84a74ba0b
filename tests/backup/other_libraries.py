"""The primitives of FORMAT.md, section 1, by other libraries than the engine's."""

from __future__ import annotations

from argon2.low_level import Type, hash_secret_raw
from backports import zstd
from Crypto.Cipher import AES, ChaCha20_Poly1305
from Crypto.Hash import SHA256
from Crypto.Protocol.KDF import HKDF
from nacl import bindings as nacl
from pyhpke import AEADId, CipherSuite, KDFId, KEMId, KEMKey, KEMKeyPair

LABEL = b"suite-backup 1 "
HPKE = {
    1: CipherSuite.new(KEMId.DHKEM_X25519_HKDF_SHA256, KDFId.HKDF_SHA256, AEADId.AES256_GCM),
    2: CipherSuite.new(KEMId.DHKEM_X25519_HKDF_SHA256, KDFId.HKDF_SHA256, AEADId.CHACHA20_POLY1305),
}


def encrypt(suite: int, key: bytes, nonce: bytes, data: bytes, aad: bytes) -> bytes:
    box = AES.new(key, AES.MODE_GCM, nonce=nonce) if suite == 1 else ChaCha20_Poly1305.new(key=key, nonce=nonce)
    box.update(aad)
    sealed, tag = box.encrypt_and_digest(data)
    return sealed + tag


def decrypt(suite: int, key: bytes, nonce: bytes, data: bytes, aad: bytes) -> bytes:
    """Raises ValueError."""
    box = AES.new(key, AES.MODE_GCM, nonce=nonce) if suite == 1 else ChaCha20_Poly1305.new(key=key, nonce=nonce)
    box.update(aad)
    return box.decrypt_and_verify(data[:-16], data[-16:])


def sodium_encrypt(key: bytes, nonce: bytes, data: bytes, aad: bytes) -> bytes:
    """ChaCha20-Poly1305 by a third library."""
    return nacl.crypto_aead_chacha20poly1305_ietf_encrypt(data, aad, nonce, key)


def derive(seed: bytes, repository: bytes, purpose: str) -> bytes:
    return HKDF(seed, 32, repository, SHA256, context=LABEL + purpose.encode())


def stretch(passphrase: bytes, salt: bytes, memory: int, passes: int, lanes: int) -> bytes:
    return hash_secret_raw(passphrase, salt, passes, memory, lanes, 32, Type.ID)


def seal(suite: int, public: bytes, use: str, context: bytes, data: bytes, ephemeral: bytes) -> bytes:
    """What cipher.seal makes, with a private key of our choice where it takes a random one."""
    pair = KEMKeyPair(_private(ephemeral), _public(nacl.crypto_scalarmult_base(ephemeral)))
    enc, sender = HPKE[suite].create_sender_context(_public(public), info=_info(use, context), eks=pair)
    return enc + sender.seal(data)


def unseal(suite: int, private: bytes, use: str, context: bytes, data: bytes) -> bytes:
    receiver = HPKE[suite].create_recipient_context(data[:32], _private(private), info=_info(use, context))
    return receiver.open(data[32:])


def verify_key(private: bytes) -> bytes:
    return nacl.crypto_sign_seed_keypair(private)[0]


def public_half(private: bytes) -> bytes:
    return nacl.crypto_scalarmult_base(private)


def sign(private: bytes, data: bytes) -> bytes:
    return nacl.crypto_sign(data, nacl.crypto_sign_seed_keypair(private)[1])[:64]


def decompress(frame: bytes) -> bytes:
    return zstd.decompress(frame)


def _info(use: str, context: bytes) -> bytes:
    return LABEL + use.encode() + b"\0" + context


def _private(raw: bytes) -> KEMKey:
    return HPKE[1].kem.deserialize_private_key(raw)


def _public(raw: bytes) -> KEMKey:
    return HPKE[1].kem.deserialize_public_key(raw)
