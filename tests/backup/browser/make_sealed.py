"""Write sealed.json anew: only when a version of sealed files is added; version 1 never changes.

python -m tests.backup.browser.make_sealed
"""

from __future__ import annotations

import base64
import io
import json
from pathlib import Path
from typing import Any

from blake3 import blake3

from backup.engine.sealing.seal import About, seal

PLACE = Path(__file__).with_name("sealed.json")
SMALL = 10_000
"""Objects up to this size stand in the file whole."""
CASES: list[dict[str, Any]] = [
    {"name": "vide", "size": 0},
    {
        "name": "ordonnance – Mme Œil.pdf",
        "content": "Paracétamol 1 g, trois fois par jour.\n",
        "type": "application/pdf",
        "modified": 10**18,
    },
    {"name": "avec phrase secrète", "content": "secret", "passphrase": "œuf à la coque", "modified": -1},
    {"name": "un bloc", "size": (1 << 20) - 200},
    {"name": "deux blocs", "size": 1 << 20},
    {"name": "trois fragments.bin", "size": (17 << 20) + 1, "type": "application/octet-stream"},
]


def pattern(size: int) -> bytes:
    """Byte i is i · i ÷ 7 modulo 251, which comes round after 7 · 251 bytes."""
    period = bytes(i * i // 7 % 251 for i in range(7 * 251))
    return (period * (size // len(period) + 1))[:size]


def content_of(case: dict[str, Any]) -> bytes:
    return case["content"].encode() if "content" in case else pattern(case["size"])


def make(number: int, case: dict[str, Any]) -> dict[str, Any]:
    content = content_of(case)
    secret, salt = (bytes((number * 7 + at * step) % 256 for at in range(32)) for step in (11, 13))
    given = iter((secret, salt))
    about = About(case["name"], len(content), case.get("type", ""), case.get("modified"))
    sealed = seal(io.BytesIO(content), about, case.get("passphrase", ""), random=lambda _size: next(given))
    raw = b"".join(sealed.blocks)
    whole = {"object": base64.b64encode(raw).decode()} if len(raw) <= SMALL else {"blake3": blake3(raw).hexdigest()}
    return (
        case | {"size": len(content), "link": sealed.fragment, "salt": salt.hex(), "sealed size": sealed.size} | whole
    )


if __name__ == "__main__":
    made = [make(number, case) for number, case in enumerate(CASES)]
    PLACE.write_text(json.dumps(made, indent=1, ensure_ascii=False) + "\n")
