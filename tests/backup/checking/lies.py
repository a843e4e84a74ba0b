"""What a hostile writer stores: blobs that aren't what their entries say, and trees that lead out of their folder."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import zstandard

from backup.engine.format import blobs
from tests.backup.checking.hand import Blob, Hand

_LIES = {
    "rubbish under the id of a known blob": (Blob(b"rubbish!!", id=b"known"), "isn't what its id says"),
    "rubbish under an id of its own": (Blob(b"rubbish", id=bytes(32)), "isn't what its id says"),
    "another length than the content has": (Blob(b"content", length=6), "isn't what its id says"),
    "a blob larger than any": (Blob(b"x", length=blobs.LARGEST + 1), "is cut or too long"),
    "a frame that unpacks to a gigabyte": (Blob(b"x" * 100, method=1, length=100, body=b"bomb"), "doesn't open"),
    "a frame that is none": (Blob(b"x" * 100, method=1, length=100, body=b"no frame"), "doesn't open"),
    "a frame without a size": (Blob(b"x" * 100, method=1, length=100, body=b"unsized"), "doesn't open"),
    "a method nobody knows": (Blob(b"x" * 100, method=9, length=100, body=b"x" * 100), "doesn't open"),
}
_BODIES: dict[bytes | None, Callable[[], bytes]] = {
    b"bomb": lambda: zstandard.ZstdCompressor().compress(bytes(1 << 30)),
    b"unsized": lambda: zstandard.ZstdCompressor(write_content_size=False).compress(bytes(99)),
}
LIES = list(_LIES)
NODE: dict[str, Any] = {"n": b"x", "t": "f", "m": 0o600, "mt": 0, "s": 0, "c": b""}
TREES: list[Any] = [[NODE | {"n": name}] for name in (b"..", b".", b"", b"a/b", b"/etc/passwd", b"a\0b", "text")] + [
    [NODE, NODE],
    [NODE | {"n": b"b"}, NODE | {"n": b"a"}],
    [NODE | {"c": b"short"}],
    [NODE | {"c": bytes(32), "p": 9}],
    [NODE | {"c": bytes(32), "p": "x"}],
    [NODE | {"s": 5}],
    [NODE | {"s": "5"}],
    [NODE | {"e": [[0, 5]]}],
    [NODE | {"e": 5}],
    [NODE | {"e": [[1]]}],
    [NODE | {"m": "text"}],
    [NODE | {"t": "d", "c": bytes(32)}],
    [5],
    5,
]
"""Of one directory each."""


def lying(what: str, known: bytes) -> tuple[Blob, str]:
    """One of the LIES, and what is said of it. `known` is the id of a blob that an honest writer has stored."""
    blob, why = _LIES[what]
    body = _BODIES[blob.body]() if blob.body in _BODIES else blob.body
    return replace(blob, id=known if blob.id == b"known" else blob.id, body=body), why


def lie(hand: Hand, blob: Blob, kind: bytes | None = None) -> bytes:
    """A snapshot with two files, of which one, `file`, is made of this blob: its id."""
    meta: list[Blob] = []
    id_ = blob.id or hand.identify(blob.content, blob.type)
    length = len(blob.content) if blob.length is None else blob.length
    root = hand.tree({"file": {"t": "f", "s": length, "c": id_}, "other": {"t": "f", "s": 0, "c": b""}}, [], meta)
    return hand.announce(root, [hand.index([hand.pack(blob, kind=kind), hand.pack(*meta)])])
