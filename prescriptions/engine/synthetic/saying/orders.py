"""In which order a posology is said. Each order belongs to one split: what is tested was never seen in training."""

from __future__ import annotations

import random
from dataclasses import dataclass

from prescriptions.engine.synthetic.saying.pieces import Piece, Said

SLOTS = ("verb", "dose", "timing", "bounds", "need", "most", "gap", "place", "remark")


@dataclass(frozen=True, slots=True)
class Order:
    """`pattern`: slots with what stands before them (`,` `-` a sign, brackets around); `needs`: what must be said."""

    id: str
    split: str
    pattern: str
    needs: tuple[str, ...] = ()


ORDERS = (
    Order("o01", "train", "dose timing bounds ,need ,most ,gap ,place ,remark"),
    Order("o02", "train", "dose place timing bounds ,need ,most ,gap ,remark"),
    Order("o03", "train", "dose timing ,need ,most ,gap ,bounds ,place ,remark"),
    Order("o04", "train", "verb dose timing bounds ,need ,most ,gap ,place ,remark"),
    Order("o05", "train", "dose timing remark place need bounds ,most ,gap"),
    Order("o06", "train", "timing: dose ,bounds ,need ,most ,gap ,place ,remark", ("moment",)),
    Order("o07", "train", "dose need timing bounds ,most ,gap ,place ,remark", ("need",)),
    Order("o08", "train", "dose ,timing ,bounds ,need ,most ,gap ,place ,remark", ("timing",)),
    Order("o09", "train", "dose timing bounds (need) ,most ,gap ,place ,remark", ("need",)),
    Order("o10", "train", "dose timing -bounds -need -most -gap ,place -remark"),
    Order("o11", "train", "verb dose place timing need ,most ,gap ,bounds ,remark"),
    Order("o12", "dev", "dose timing place bounds need ,most ,gap ,remark"),
    Order("o13", "dev", "need: dose timing bounds ,most ,gap ,place ,remark", ("need",)),
    Order("o14", "dev", "dose timing (bounds) ,need ,most ,gap ,place ,remark", ("bounds",)),
    Order("o15", "test", "dose timing need bounds (most) ,gap ,place ,remark"),
    Order("o16", "test", "bounds: dose timing ,need ,most ,gap ,place ,remark", ("bounds",)),
    Order("o17", "test", "timing dose bounds ,need ,most ,gap ,place ,remark", ("moment",)),
)
SIGNS = {",": ", ", "-": " - ", "(": " ("}


def choose(split: str, said: set[str], chance: random.Random) -> Order:
    """An order of this split that suits what is to be said."""
    return chance.choice([one for one in ORDERS if one.split == split and set(one.needs) <= said])


def laid(order: Order, slots: dict[str, Said]) -> Said:
    """The slots in this order; nothing is said of the empty ones."""
    made: list[Piece] = []
    colon = False
    for token in order.pattern.split():
        said = slots.get(token.strip(",-():"), ())
        if not said:
            continue
        sign = " : " if colon else SIGNS.get(token[0], " ")
        if said[0].text.startswith(("/", "par ")) and not colon:
            sign = "" if said[0].text[0] == "/" else " "
        if made and not made[-1].text.endswith(" "):
            made.append(Piece(sign))
        made.extend(said)
        if made[0] is not said[0] and token[0] == "(":
            made.append(Piece(")"))
        colon = token.endswith(":")
    return tuple(made)
