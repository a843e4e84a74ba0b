"""How a document looks: fonts, margins, ink, a signature that is nobody's; drawn from its seed."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

from prescriptions.engine.synthetic.chance import chance_of, happens
from prescriptions.engine.synthetic.documents import Document
from prescriptions.engine.synthetic.rendering.fonts import BUILT_IN, Face
from prescriptions.engine.synthetic.saying.pieces import text_of

Json = dict[str, Any]
INKS = ("#1f2f7a", "#15244d", "#1c1c1c", "#2b3fa0")
ACCENTS = ("#000000", "#12355b", "#0b5d56", "#5a1f2b", "#333333")
HAND_SHARE = 0.3
HANDLESS = frozenset({"table", "bizone"})
"""Bodies that are always typed."""


def paper(document: Document, faces: Sequence[Face], *, hand: bool | None = None) -> Json:
    """What the template is given. `hand` asks for handwriting or for print; by default some are written by hand."""
    chance = chance_of(document.seed, "paper", document.index)
    typed = [face for face in faces if not face.hand] or [BUILT_IN]
    written = [face for face in faces if face.hand]
    face, pen = chance.choice(typed), chance.choice(written) if written else None
    by_hand = happens(chance, HAND_SHARE) if hand is None else hand
    if document.body in HANDLESS or document.profile in ("discharge", "care-home"):
        by_hand = False
    small = len(document.rows) < 24 and happens(chance, 0.5)
    return {
        "rows": [{"kind": row.kind, "text": text_of(row.said)} for row in document.rows],
        "page": "a5" if small else "a4", "margin": 12 if small else chance.choice((16, 20, 24)),
        "font": face.family, "size": face.size + (0 if small else 1.5),
        "hand": pen.family if by_hand and pen else None, "handSize": (pen.size if pen else 12) + (0 if small else 2),
        "ink": chance.choice(INKS), "pen": chance.choice(INKS), "accent": chance.choice(ACCENTS),
        "letterhead": chance.choice(("left", "left", "center")), "rule": happens(chance, 0.5),
        "gap": chance.choice((2, 3, 4)), "secure": document.secured, "tabled": document.body == "table",
        "shakes": [{"x": chance.uniform(-0.6, 1.2), "y": chance.uniform(-0.25, 0.25),
                    "turn": chance.gauss(0, 0.35)} for _ in range(11)],
        "bars": [chance.randint(1, 4) for _ in range(60)] if happens(chance, 0.4) else [],
        "signature": signature(chance),
    }  # fmt: skip


def signature(chance: random.Random) -> list[tuple[float, float]]:
    """Points of a scrawl, in millimetres: a start, then three for each stroke."""
    points, x = [(0.0, chance.uniform(6, 10))], 0.0
    for _ in range(chance.randint(4, 7)):
        for _ in range(3):
            x += chance.uniform(-1.5, 5)
            points.append((round(min(max(x, 0), 46), 2), round(chance.uniform(1, 15), 2)))
    return points
