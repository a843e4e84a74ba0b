"""Each primitive gives what a library by other people gives for the same input (FORMAT.md, section 1)."""

from __future__ import annotations

import unicodedata

import pytest
import zstandard
from backports import zstd
from blake3 import blake3
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from hypothesis import given, settings
from hypothesis import strategies as st
from nacl import bindings as nacl

from backup.engine.errors import Damaged
from backup.engine.format import blobs, cipher, keyfile, keys, layout
from tests.backup import blake3_by_hand, other_libraries
from tests.backup import reader as second

KEY = st.binary(min_size=32, max_size=32)
NONCE = st.binary(min_size=12, max_size=12)
SUITE = st.sampled_from(layout.SUITES)
WORD = st.text(st.characters(exclude_categories=("Cs",)), max_size=12)


@settings(deadline=None)
@given(SUITE, KEY, NONCE, st.binary(max_size=300), st.binary(max_size=80))
def test_aead(suite: int, key: bytes, nonce: bytes, data: bytes, aad: bytes) -> None:
    """AES-256-GCM and ChaCha20-Poly1305 agree with PyCryptodome, the second with libsodium too."""
    sealed = cipher.aead(suite, key).encrypt(nonce, data, aad)
    assert other_libraries.encrypt(suite, key, nonce, data, aad) == sealed
    assert (
        other_libraries.decrypt(suite, key, nonce, sealed, aad)
        == second.decrypt(suite, key, nonce, sealed, aad)
        == data
    )
    if suite == layout.CHACHA:
        assert other_libraries.sodium_encrypt(key, nonce, data, aad) == sealed


@settings(deadline=None)
@given(KEY, st.binary(min_size=16, max_size=16), st.text(st.characters(codec="ascii"), max_size=20))
def test_hkdf(seed: bytes, repository: bytes, purpose: str) -> None:
    """The key schedule agrees with PyCryptodome's HKDF."""
    assert cipher.derive(seed, repository, purpose) == other_libraries.derive(seed, repository, purpose)


@settings(deadline=None)
@given(SUITE, KEY, KEY, st.text(max_size=10), st.binary(max_size=40), st.binary(max_size=200))
def test_hpke(suite: int, private: bytes, ephemeral: bytes, use: str, context: bytes, data: bytes) -> None:
    """What one seals, the others open: cryptography, pyhpke, and HPKE by hand over libsodium."""
    public = cipher.public_half(private)
    sealed = cipher.seal(suite, public, use, context, data)
    assert len(sealed) == len(data) + cipher.SEAL_OVERHEAD
    assert other_libraries.unseal(suite, private, use, context, sealed) == data
    assert second.unseal(suite, private, use, context, sealed) == data
    theirs = other_libraries.seal(suite, public, use, context, data, ephemeral)
    assert cipher.unseal(suite, private, use, context, theirs, "it") == data
    for wrong in ((3 - suite, use, context), (suite, use + "x", context), (suite, use, context + b"x")):
        with pytest.raises(Damaged):
            cipher.unseal(wrong[0], private, wrong[1], wrong[2], sealed, "it")


@settings(deadline=None)
@given(KEY, KEY)
def test_x25519(ours: bytes, theirs: bytes) -> None:
    """Public halves and exchanges agree with libsodium."""
    public = cipher.public_half(theirs)
    assert public == other_libraries.public_half(theirs)
    exchanged = X25519PrivateKey.from_private_bytes(ours).exchange(X25519PublicKey.from_public_bytes(public))
    assert exchanged == nacl.crypto_scalarmult(ours, public)


@settings(deadline=None)
@given(KEY, st.binary(max_size=300))
def test_ed25519(private: bytes, data: bytes) -> None:
    """Public keys and signatures agree with libsodium, and each verifies the other's."""
    assert cipher.verify_key(private) == (public := other_libraries.verify_key(private))
    signed = cipher.sign(private, data)
    assert signed == other_libraries.sign(private, data)
    assert nacl.crypto_sign_open(signed + data, public) == data
    assert cipher.verifies(public, signed, data)
    assert not cipher.verifies(public, signed, data + b"x")


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 5000), KEY)
def test_blake3(size: int, key: bytes) -> None:
    """Hash and keyed hash agree with BLAKE3 written from its paper."""
    data = bytes(at % 251 for at in range(size))
    assert cipher.digest(data) == blake3_by_hand.blake3(data)
    assert cipher.digest(data[:7], data[7:]) == blake3_by_hand.blake3(data)
    assert blobs.identify(data, key) == blake3_by_hand.blake3(data, key)
    assert keys.isolated(key, data[:16]) == blake3_by_hand.blake3(data[:16], key)


@pytest.mark.parametrize("size", [0, 1, 64, 1023, 1024, 1025, 2048, 2049, 3073, 4097, 8192, 8193, 31744])
def test_blake3_of_many_chunks(size: int) -> None:
    """The lengths of the official test vectors, where the tree has another shape."""
    data = bytes(at % 251 for at in range(size))
    assert blake3(data).digest() == blake3_by_hand.blake3(data)


def test_blake3_known_answer() -> None:
    """The hash of nothing is that of the official test vectors."""
    assert cipher.digest().hex() == "af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262"


@settings(deadline=None, max_examples=8)
@given(WORD, st.binary(min_size=16, max_size=16), st.integers(64, 2048), st.integers(1, 3), st.integers(1, 4))
def test_argon2(word: str, salt: bytes, memory: int, passes: int, lanes: int) -> None:
    """Stretching a passphrase agrees with the reference implementation; the passphrase is in NFC and UTF-8."""
    head = bytes(layout.SIZE + 1) + keyfile._COST.pack(salt, memory, passes, lanes)
    normal = unicodedata.normalize("NFC", word).encode()
    assert keyfile._stretch(word, head) == other_libraries.stretch(normal, salt, memory, passes, lanes)


@settings(deadline=None)
@given(st.binary(max_size=2000) | st.text(max_size=200).map(lambda text: text.encode() * 20))
def test_zstandard(content: bytes) -> None:
    """Frames are read by the other binding of Zstandard, and its frames by ours."""
    method, body = blobs.compress(content)
    assert content == (other_libraries.decompress(bytes(body)) if method == blobs.ZSTD else bytes(body))
    frame = zstd.compress(content, 9)
    assert zstandard.frame_content_size(frame) == len(content)
    assert blobs._decompress(frame, len(content)) == content
