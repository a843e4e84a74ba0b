"""The browser computes what Python's libraries compute: hashes, seals, signatures, compression, msgpack."""

from __future__ import annotations

import os
import random
from typing import Any

import msgpack
import pytest
import zstandard
from blake3 import blake3
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from backup.engine.format import cipher, layout
from tests.backup.browser.node import big, node, values

CHANCE = random.Random(2026)
SUITES = [layout.AES, layout.CHACHA]


def test_blake3() -> None:
    """Names and ids are BLAKE3, keyed and not, whatever the length: one chunk, whole trees, trees with a rest."""
    lengths = [
        0,
        1,
        63,
        64,
        65,
        1023,
        1024,
        1025,
        2048,
        2049,
        3072,
        3073,
        4096,
        5121,
        8192,
        8193,
        16384,
        31744,
        102400,
        1 << 20,
    ]
    contents = [CHANCE.randbytes(length) for length in lengths]
    key = CHANCE.randbytes(32)
    plain = values(*(("crypto/blake3.js", "blake3", [content]) for content in contents))
    keyed = values(*(("crypto/blake3.js", "blake3", [content, key]) for content in contents))
    assert plain == [blake3(content).digest() for content in contents]
    assert keyed == [blake3(content, key=key).digest() for content in contents]


@pytest.mark.parametrize("suite", SUITES)
def test_sealed_in_python(suite: int) -> None:
    """What Python sealed to a public key opens in the browser, and only for its use, its context and its key."""
    private = os.urandom(32)
    context, data = os.urandom(25), os.urandom(100)
    sealed = cipher.seal(suite, cipher.public_half(private), "blob key", context, data)
    changed = sealed[:40] + bytes([sealed[40] ^ 1]) + sealed[41:]
    [right, *wrong] = node(
        "call.mjs",
        [
            ("crypto/primitives.js", "unseal", [suite, private, "blob key", context, sealed, "x"]),
            ("crypto/primitives.js", "unseal", [suite, private, "header key", context, sealed, "x"]),
            ("crypto/primitives.js", "unseal", [suite, private, "blob key", context + b"x", sealed, "x"]),
            ("crypto/primitives.js", "unseal", [suite, os.urandom(32), "blob key", context, sealed, "x"]),
            ("crypto/primitives.js", "unseal", [suite, private, "blob key", context, changed, "x"]),
            ("crypto/primitives.js", "unseal", [suite, private, "blob key", context, sealed[:31], "x"]),
            ("crypto/primitives.js", "unseal", [suite, private, "blob key", context, bytes(32) + sealed[32:], "x"]),
        ],
    )
    assert right["value"] == data
    assert {answer["error"]["kind"] for answer in wrong} == {"damaged"}


@pytest.mark.parametrize("suite", SUITES)
def test_sealed_in_the_browser(suite: int) -> None:
    """What the browser sealed opens in Python."""
    private = X25519PrivateKey.generate()
    public, data = private.public_key().public_bytes_raw(), os.urandom(32)
    [sealed] = values(("crypto/primitives.js", "seal", [suite, public, "handed", b"context", data]))
    assert len(sealed) == len(data) + cipher.SEAL_OVERHEAD
    assert cipher.unseal(suite, private.private_bytes_raw(), "handed", b"context", sealed, "") == data


def test_key_schedule() -> None:
    """Keys are derived from the seed as in Python."""
    seed, repository = os.urandom(32), os.urandom(16)
    purposes = ["sign", "data 0", "log 12", "id meta"]
    made = values(*(("crypto/primitives.js", "derive", [seed, repository, purpose]) for purpose in purposes))
    assert made == [cipher.derive(seed, repository, purpose) for purpose in purposes]


def test_signatures() -> None:
    """Signatures of either side are good for the other; one of another key, or over other bytes, isn't."""
    private = Ed25519PrivateKey.generate()
    raw, public = private.private_bytes_raw(), private.public_key().public_bytes_raw()
    [signature] = values(("crypto/primitives.js", "sign", [raw, b"said"]))
    assert signature == private.sign(b"said")
    other = Ed25519PrivateKey.generate().public_key().public_bytes_raw()
    # The point of order one signs anything under the loose rules of ZIP 215.
    small = bytes([1]) + bytes(31)
    assert values(
        ("crypto/primitives.js", "verifies", [public, signature, b"said"]),
        ("crypto/primitives.js", "verifies", [public, signature, b"other"]),
        ("crypto/primitives.js", "verifies", [other, signature, b"said"]),
        ("crypto/primitives.js", "verifies", [small, small + bytes(32), b"said"]),
        ("crypto/primitives.js", "verifies", [public, signature[:-1], b"said"]),
    ) == [True, False, False, False, False]


def test_passphrases() -> None:
    """Argon2id gives the same key, and a passphrase is the same whichever way its accents are typed."""
    salt = os.urandom(16)
    cost = {"memory": 256, "passes": 3, "lanes": 4}
    expected = Argon2id(salt=salt, length=32, iterations=3, lanes=4, memory_cost=256).derive("é".encode())
    typed = ["\u00e9", "e\u0301"]
    assert values(*(("crypto/primitives.js", "stretch", [one, salt, cost]) for one in typed)) == [expected, expected]


@pytest.mark.parametrize("suite", SUITES)
def test_without_the_browsers_own_ciphers(suite: int) -> None:
    """Outside a secure context, where browsers have no ciphers of their own, the library's give the same."""
    key, nonce, aad, data = os.urandom(32), os.urandom(12), b"aad", os.urandom(1000)
    answers = node("without.mjs", [suite, key, nonce, data, aad])
    assert answers["encrypted"] == cipher.aead(suite, key).encrypt(nonce, data, aad)
    assert answers["decrypted"] == data
    assert answers["refused"] == "the tag is wrong"


def frames() -> list[tuple[bytes, bytes]]:
    """Contents of many kinds, compressed at many levels."""
    words = [b"abc", b"12;", b"\n", b"le patient ", b"\0\0\0\0", b"0,57"]
    made = []
    for number in range(140):
        size = int(2 ** CHANCE.uniform(0, 17))
        raw = [
            lambda size=size: CHANCE.randbytes(size),
            lambda size=size: b"".join(CHANCE.choice(words) for _ in range(size // 3)),
            lambda size=size: bytes([7]) * size,
            lambda size=size: bytes(CHANCE.choices(range(CHANCE.randint(1, 40)), k=min(size, 20000))),
            lambda size=size: (CHANCE.randbytes(40) + b"x" * CHANCE.randrange(90)) * (size // 80 + 1),
        ][number % 5]()
        level = CHANCE.choice([-7, -1, 1, 3, 6, 12, 19])
        made.append((raw, zstandard.ZstdCompressor(level=level, write_checksum=number % 3 == 0).compress(raw)))
    return made


def test_zstandard() -> None:
    """Frames of every level, of noise, text, runs and repetitions are unpacked to what was packed."""
    made = frames()
    assert values(*(("zstd/frame.js", "decompress", [frame, len(raw)]) for raw, frame in made)) == [
        raw for raw, _ in made
    ]


def test_far_matches() -> None:
    """A frame that looks back further than any blob is long, as only an index can, is unpacked too."""
    raw = CHANCE.randbytes(2000)
    raw = raw + bytes(34 << 20) + raw
    parameters = zstandard.ZstdCompressionParameters.from_level(3, window_log=27, enable_ldm=True)
    frame = zstandard.ZstdCompressor(compression_params=parameters).compress(raw)
    assert len(frame) < 2000 + 3500, "nothing looks back so far"
    assert values(("zstd/frame.js", "decompress", [frame, len(raw)])) == [raw]


def test_broken_frames() -> None:
    """A frame that was cut, changed, lengthened or says another size is refused at once, and in words."""
    raw = b"le patient, la patiente; " * 4000
    frame = zstandard.ZstdCompressor(level=3).compress(raw)
    flips = [CHANCE.randrange(6, len(frame)) for _ in range(200)]
    broken = [frame[:at] + bytes([frame[at] ^ 1 << CHANCE.randrange(8)]) + frame[at + 1 :] for at in flips]
    cut = [frame[: CHANCE.randrange(len(frame))] for _ in range(50)]
    odd = [frame + b"\0", frame + frame, frame[:-1], b"", zstandard.ZstdCompressor().compress(raw[1:])]
    streamed = zstandard.ZstdCompressor().compressobj()
    odd.append(streamed.compress(raw) + streamed.flush())
    answers = node("call.mjs", [("zstd/frame.js", "decompress", [one, len(raw)]) for one in (*broken, *cut, *odd)])
    assert {answer["error"]["kind"] for answer in answers if "error" in answer} == {"Malformed"}
    assert all("error" in answer for answer in answers[len(broken) :])
    # Bits that only literals are made of give other content of the same length, which its id then refuses.
    assert all(len(answer["value"]) == len(raw) for answer in answers if "value" in answer)
    assert max(answer.get("seconds", 0) for answer in answers) < 2


NUMBERS = [
    0,
    1,
    127,
    128,
    255,
    256,
    65535,
    65536,
    2**32 - 1,
    2**32,
    2**53 - 1,
    -1,
    -32,
    -33,
    -128,
    -129,
    -32769,
    -(2**31),
    -(2**31) - 1,
]
LARGE = [2**53 + 1, 1_800_000_000_000_000_001, 2**63, 2**64 - 1, -(2**53) - 1, -(2**63)]


def test_msgpack() -> None:
    """Values are packed to the same bytes as in Python, and read back from them; times keep their nanoseconds."""
    samples: list[Any] = [*NUMBERS, True, False, "", "é" * 40, "x" * 300, "y" * 70000, b"", b"z" * 300, b"w" * 70000]
    samples += [[], list(range(20)), {"a": [b"b", {"c": "d"}]}, {str(number): number for number in range(20)}]
    packed = [msgpack.packb(one, use_bin_type=True) for one in samples]
    assert values(*(("msgpack.js", "encode", [one]) for one in samples)) == packed
    assert values(*(("msgpack.js", "decode", [one]) for one in packed)) == samples
    packed = [msgpack.packb(one) for one in LARGE]
    assert values(*(("msgpack.js", "encode", [big(one)]) for one in LARGE)) == packed
    assert values(*(("msgpack.js", "decode", [one]) for one in packed)) == LARGE


@pytest.mark.parametrize(
    "packed",
    [
        b"",
        b"\x92\x01",
        b"\x01\x01",
        b"\xc4\x05ab",
        b"\xdd\xff\xff\xff\xff",
        b"\xdf\xff\xff\xff\xff",
        b"\xd9\x02\xff\xfe",
        b"\x81\x01\x02",
        b"\x82\xa1a\x01\xa1a\x02",
        b"\xc7\x01\x05x",
        b"\xd6\xff\0\0\0\0",
        b"\xc1",
        b"\x91" * 40 + b"\x01",
    ],
    ids=[
        "empty",
        "short",
        "more",
        "cut",
        "long list",
        "long map",
        "not text",
        "key",
        "twice",
        "ext",
        "time",
        "unused",
        "deep",
    ],
)
def test_malformed_msgpack(packed: bytes) -> None:
    """What isn't whole, well formed and of the format's types isn't read, and gets no memory for what it promises."""
    [answer] = node("call.mjs", [("msgpack.js", "decode", [packed])])
    assert answer["error"]["kind"] in ("RangeError", "TypeError")
