"""Files sealed for who has the link: the same from the browser and from Python, opened by both, and by nobody else."""

from __future__ import annotations

import base64
import io
import json
import os
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from blake3 import blake3
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from backup.engine.errors import BackupError, BadKeyfile, Damaged, PassphraseNeeded
from backup.engine.format import cipher
from backup.engine.sealing import layout
from backup.engine.sealing.seal import About, Sealed, seal
from backup.engine.sealing.unseal import unseal
from tests.backup.browser.make_sealed import CASES, PLACE, content_of, make
from tests.backup.browser.node import node, values
from tests.backup.browser.portal import serving
from tests.backup.keeping.conftest import MemoryStore

VECTORS: list[dict[str, Any]] = json.loads(PLACE.read_text())
NAMES = [case["name"] for case in VECTORS]


def sealed_of(content: bytes, passphrase: str = "", name: str = "x") -> tuple[Sealed, bytes]:
    sealed = seal(io.BytesIO(content), About(name, len(content)), passphrase)
    return sealed, b"".join(sealed.blocks)


def opened(raw: bytes, link: str, passphrase: str = "") -> bytes:
    return b"".join(unseal(io.BytesIO(raw), link, passphrase).content)


@pytest.fixture
def in_browser(tmp_path: Path) -> Callable[..., dict[str, Any]]:
    """Open an object in the browser."""

    def open_(raw: bytes, link: str, passphrase: str = "") -> dict[str, Any]:
        (tmp_path / "object").write_bytes(raw)
        request = {
            "op": "open",
            "path": tmp_path / "object",
            "to": tmp_path / "clear",
            "link": link,
            "passphrase": passphrase,
        }
        answer: dict[str, Any] = node("sealing.mjs", request)
        if "value" in answer:
            answer["content"] = (tmp_path / "clear").read_bytes()
        return answer

    return open_


@pytest.mark.parametrize("number", range(len(CASES)), ids=NAMES)
def test_vectors_in_python(number: int) -> None:
    """Python seals each case to the object of the vectors, and opens it to what was sealed."""
    vector = VECTORS[number]
    assert make(number, CASES[number]) == vector
    if "object" in vector:
        opening = unseal(io.BytesIO(base64.b64decode(vector["object"])), vector["link"], vector.get("passphrase", ""))
        assert b"".join(opening.content) == content_of(CASES[number])
        about = opening.about
        assert (about.name, about.size, about.type, about.modified) == (
            vector["name"], vector["size"], vector.get("type", ""), vector.get("modified"),
        )  # fmt: skip


@pytest.mark.parametrize("vector", VECTORS, ids=NAMES)
def test_vectors_in_the_browser(vector: dict[str, Any], tmp_path: Path) -> None:
    """The browser seals each case to the same object, however often it makes a fragment, and opens it again."""
    content = content_of(vector)
    (tmp_path / "source").write_bytes(content)
    passphrase = vector.get("passphrase", "")
    request = {
        "op": "seal",
        "path": tmp_path / "source",
        "to": tmp_path / "object",
        "twice": True,
        "passphrase": passphrase,
    }
    request |= {
        "secret": layout.from_fragment(vector["link"]),
        "salt": bytes.fromhex(vector["salt"]),
        "name": vector["name"],
    }
    request |= {"type": vector.get("type"), "modified": str(vector["modified"]) if "modified" in vector else None}
    made = node("sealing.mjs", request)["value"]
    raw = (tmp_path / "object").read_bytes()
    assert (made["link"], made["size"], len(raw)) == (vector["link"], vector["sealed size"], vector["sealed size"])
    if "object" in vector:
        assert raw == base64.b64decode(vector["object"])
    else:
        assert blake3(raw).hexdigest() == vector["blake3"]
    opening = {
        "op": "open",
        "path": tmp_path / "object",
        "to": tmp_path / "clear",
        "link": vector["link"],
        "passphrase": passphrase,
    }
    about = node("sealing.mjs", opening)["value"]
    assert (tmp_path / "clear").read_bytes() == content
    modified = str(vector["modified"]) if "modified" in vector else None
    assert about == {
        "name": vector["name"],
        "size": len(content),
        "type": vector.get("type", ""),
        "modified": modified,
        "written": len(content),
    }


EDGES = [
    0,
    1,
    3800,
    4000,
    4097,
    (1 << 20) - 200,
    (1 << 20) - 100,
    1 << 20,
    (2 << 20) - 100,
    (8 << 20) - 300,
    8 << 20,
    (8 << 20) + 1,
    12_345_678,
]


def test_sizes() -> None:
    """Every object has one of few sizes, with room for its content and at most an eighth larger; both sides agree."""
    sizes = [padded for clear in EDGES for padded in [layout.padded(clear)]]
    assert values(*(("sealing/layout.js", "padded", [clear]) for clear in EDGES)) == sizes
    large = [(5 << 30) + 7, 1 << 40]
    assert values(*(("sealing/layout.js", "padded", [clear]) for clear in large)) == [
        layout.padded(clear) for clear in large
    ]
    for clear, size in zip(EDGES, sizes, strict=True):
        header = layout.read_header(layout.write_header(size, bytes(32), protected=False))
        assert clear <= header.capacity
        assert size <= max(4096, (clear + 64 + 16 * header.blocks) * 1.125)
    assert len({layout.padded(clear) for clear in range(100_000, 200_000, 7)}) < 40


@pytest.mark.parametrize("size", EDGES)
def test_round_trip(size: int) -> None:
    """What is sealed is opened again, at every edge of a block."""
    content = random.Random(size).randbytes(size)
    sealed, raw = sealed_of(content)
    assert len(raw) == sealed.size
    assert opened(raw, sealed.fragment) == content


def test_what_the_server_sees() -> None:
    """Neither name nor content nor exact size is in the object, and two objects of a file have nothing in common."""
    content = b"Mme Durand, VIH" * 10
    (one, first), (_, second) = sealed_of(content, name="Durand.pdf"), sealed_of(content[:-9], name="Durand.pdf")
    assert len(first) == len(second) == 4096
    assert b"Durand" not in first + second
    assert first[64:] != second[64:]
    assert one.fragment.encode() not in first


def changes(raw: bytes) -> Iterator[bytes]:
    """The object with a bit changed, its blocks exchanged, repeated, left out, cut off."""
    for at in (0, 3, 4, 5, 8, 15, 16, 47, 48, 60, 63, 64, 100, (1 << 20) - 1, 1 << 20, (1 << 20) + 5, len(raw) - 1):
        yield raw[:at] + bytes([raw[at] ^ 1]) + raw[at + 1 :]
    block = 1 << 20
    yield raw[:block] + raw[2 * block : 3 * block] + raw[block : 2 * block] + raw[3 * block :]
    yield raw[:block] + raw[block : 2 * block] * 2 + raw[3 * block :]
    yield raw[:block] + raw[2 * block :]
    yield raw[: 3 * block]
    yield raw[:-1]
    yield raw[:70]
    yield b""
    shorter = raw[:8] + (2 * block).to_bytes(8, "little") + raw[16:]
    yield shorter[: 2 * block]


def test_tampering(in_browser: Callable[..., dict[str, Any]]) -> None:
    """An object that was changed, shortened or put in another order is refused by both."""
    sealed, raw = sealed_of(random.Random(1).randbytes(3_500_000))
    for changed in changes(raw):
        with pytest.raises(Damaged):
            opened(changed, sealed.fragment)
        assert in_browser(changed, sealed.fragment)["error"]["kind"] == "damaged"
    with pytest.raises(Damaged, match="longer"):
        opened(raw + b"\0", sealed.fragment)


def test_other_links(in_browser: Callable[..., dict[str, Any]]) -> None:
    """A link that was cut, changed or is another's opens nothing."""
    sealed, raw = sealed_of(b"content")
    other, _ = sealed_of(b"content")
    last = sealed.fragment[:-1] + chr(ord(sealed.fragment[-1]) ^ 1)
    for link in (sealed.fragment[:-1], sealed.fragment + "A", "", "+" + sealed.fragment[1:], last):
        with pytest.raises((BadKeyfile, Damaged)) as refused:
            opened(raw, link)
        assert in_browser(raw, link)["error"]["message"] == str(refused.value)
    with pytest.raises(Damaged, match="the link is wrong"):
        opened(raw, other.fragment)
    assert (
        in_browser(raw, other.fragment)["error"]["message"] == "sealed file: the link is wrong, or the file was changed"
    )
    assert in_browser(raw, "#" + sealed.fragment)["content"] == opened(raw, "#" + sealed.fragment) == b"content"


def test_passphrases(in_browser: Callable[..., dict[str, Any]]) -> None:
    """With a passphrase the link alone doesn't open the file, and a wrong passphrase is told from a damaged block."""
    sealed, raw = sealed_of(os.urandom(1_200_000), "œuf")
    for passphrase in ("", "œufs"):
        with pytest.raises(PassphraseNeeded) as refused:
            opened(raw, sealed.fragment, passphrase)
        assert in_browser(raw, sealed.fragment, passphrase)["error"] == {
            "kind": "passphrase-needed",
            "message": str(refused.value),
        }
    damaged = raw[:-1] + bytes([raw[-1] ^ 1])
    assert in_browser(damaged, sealed.fragment, "œuf")["error"]["message"] == "sealed file: block 1 was changed"
    assert in_browser(raw, sealed.fragment, "œuf")["content"] == opened(raw, sealed.fragment, "œuf")


def crafted(head: bytes, size: int = 4096, **fields: Any) -> tuple[str, bytes]:
    """An object as no program makes it."""
    secret = os.urandom(32)
    raw = bytearray(layout.write_header(size, os.urandom(32), protected=fields.pop("protected", False)))
    for at, value in fields.items():
        raw[int(at[1:]) : int(at[1:]) + len(value)] = value
    key = b"" if fields or raw[4] else layout.cipher(secret, layout.read_header(bytes(raw)), "")
    clear = head.ljust(size - 80, b"\0")[: size - 80]
    body = key.encrypt(layout.nonce(0, last=True), clear, None) if isinstance(key, AESGCM) else bytes(size - 64)
    return layout.to_fragment(secret), bytes(raw) + body


@pytest.mark.parametrize(
    ("head", "fields"),
    [
        (b"", {}),
        (b"\xff\xff\xff\xff", {}),
        ((1).to_bytes(4, "little") + b"\xc1", {}),
        ((1).to_bytes(4, "little") + b"\x01", {}),
        (len(cipher.pack({"name": "x"})).to_bytes(4, "little") + cipher.pack({"name": "x"}), {}),
        (
            len(cipher.pack({"name": "x", "size": 9999})).to_bytes(4, "little")
            + cipher.pack({"name": "x", "size": 9999}),
            {},
        ),
        (len(cipher.pack({"name": 1, "size": 1})).to_bytes(4, "little") + cipher.pack({"name": 1, "size": 1}), {}),
        (b"", {"_8": (10).to_bytes(8, "little")}),
        (b"", {"_8": ((1 << 20) + 5).to_bytes(8, "little")}),
        (b"", {"_8": b"\xff" * 8}),
        (b"", {"_48": b"\1"}),
        (b"", {"protected": True, "_48": (1 << 30).to_bytes(4, "little")}),
        (b"", {"protected": True, "_52": (99).to_bytes(4, "little")}),
        (b"", {"protected": True, "_56": (99).to_bytes(4, "little")}),
        (b"", {"protected": True, "_52": bytes(4)}),
        (b"", {"protected": True, "_48": (8).to_bytes(4, "little")}),
    ],
)
def test_hostile_objects(head: bytes, fields: dict[str, Any], in_browser: Callable[..., dict[str, Any]]) -> None:
    """Who sealed the file can't make a reader work for ever, set memory aside, or take what isn't there."""
    link, raw = crafted(head, **fields)
    with pytest.raises(BackupError):
        opened(raw, link, "x")
    answer = in_browser(raw, link, "x")
    assert answer["error"]["kind"] == "damaged"
    assert answer["seconds"] < 10
    assert answer["peak"] < 300 << 20


def test_going_on(tmp_path: Path) -> None:
    """A transfer that broke off goes on in another session; of a file that has changed nothing more is sent."""
    content = bytearray(random.Random(3).randbytes(20 << 20))
    (tmp_path / "source").write_bytes(content)
    request = {"op": "seal", "path": tmp_path / "source", "to": tmp_path / "object", "name": "x", "stop": 2}
    begun = node("sealing.mjs", request)["value"]
    assert begun["fragments"] == 3
    sent = (tmp_path / "object").read_bytes()
    resumed = {
        "op": "resume",
        "path": tmp_path / "source",
        "to": tmp_path / "rest",
        "name": "x",
        "state": begun["state"],
    }
    assert "value" in node("sealing.mjs", resumed)
    rest = (tmp_path / "rest").read_bytes()
    assert opened(sent + rest[len(sent) :], begun["link"]) == content
    for change in (lambda: content.__setitem__(5, content[5] ^ 1), lambda: content.append(1)):
        change()
        (tmp_path / "source").write_bytes(content)
        assert node("sealing.mjs", resumed)["error"]["message"].endswith(
            "the file has changed since it was begun: send it anew"
        )


@pytest.mark.parametrize("said", [5, 100])
def test_a_file_that_changes(said: int) -> None:
    """A file that is shorter or longer than was said when it was begun isn't sealed to its end."""
    sealed = seal(io.BytesIO(bytes(50)), About("x", said))
    with pytest.raises(Damaged, match="has changed"):
        b"".join(sealed.blocks)


def test_through_the_worker(tmp_path: Path) -> None:
    """The worker opens a sealed file from the portal, as a stream, with what its head says."""
    content = os.urandom(9 << 20)
    sealed, raw = sealed_of(content, name="scan.dcm")
    with serving(MemoryStore()) as portal:
        portal.changed = {"drop": raw}
        args = {"store": portal.address(), "name": "drop", "link": sealed.fragment}
        [answer] = node("engine.mjs", [{"call": "unseal", "args": args, "to": tmp_path / "out"}])
    assert answer["about"] == {"name": "scan.dcm", "size": len(content), "type": "", "modified": None}
    assert (tmp_path / "out").read_bytes() == content
