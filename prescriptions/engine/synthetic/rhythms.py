"""The short codes of the posology table: when and how often, as `Timing`.

`MNE` moments (M morning, N noon, A afternoon, E evening, H at bedtime, W on waking) · `3/d`, `1-2/d`, `2/wk` · `q6h`,
`q4-6h` · `72h`, `2d`, `14d`, `mo`, `3mo` every so often · `ac`, `c`, `pc` the meals, `acm30` half an hour before
breakfast, `cm+cv` · `@8,20` clock · `wk` one day of the week, `wk3` three, `days5` working days · `once` · `28:21` days
in a cycle · `patch12` hours that it is worn · `none`.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable

from prescriptions.engine.schema import Cycle, Timing
from prescriptions.engine.words.times import WEEK

MOMENTS = {"W": "WAKE", "M": "MORN", "N": "NOON", "A": "AFT", "E": "EVE", "H": "HS"}
EVERY = {"h": "h", "d": "d", "wk": "wk", "mo": "mo"}

Made = Callable[[re.Match[str], random.Random], Timing | None]


def _moments(found: re.Match[str], chance: random.Random) -> Timing:
    return Timing(when=tuple(MOMENTS[letter] for letter in found[1]))


def _times(found: re.Match[str], chance: random.Random) -> Timing:
    most = float(found[2]) if found[2] else None
    return Timing(frequency=float(found[1]), frequency_max=most, period=1.0, period_unit=found[3])


def _every(found: re.Match[str], chance: random.Random) -> Timing:
    longest = float(found[2]) if found[2] else None
    return Timing(frequency=1.0, period=float(found[1]), period_max=longest, period_unit="h")


def _apart(found: re.Match[str], chance: random.Random) -> Timing:
    return Timing(frequency=1.0, period=float(found[1] or 1), period_unit=found[2])


def _meals(found: re.Match[str], chance: random.Random) -> Timing:
    codes = tuple({"H": "HS"}.get(part, part.upper()) for part in found[1].split("+"))
    return Timing(when=codes, offset=int(found[2]) if found[2] else None)


def _clock(found: re.Match[str], chance: random.Random) -> Timing:
    return Timing(time_of_day=tuple(f"{int(hour):02d}:00" for hour in found[1].split(",")))


def _days(found: re.Match[str], chance: random.Random) -> Timing:
    chosen = {"wk": (chance.choice(WEEK),), "wk3": ("mon", "wed", "fri"), "days5": WEEK[:5]}
    return Timing(day_of_week=chosen[found[0]])


def _cycle(found: re.Match[str], chance: random.Random) -> Timing:
    return Timing(when=(chance.choice(("MORN", "EVE")),), cycle=Cycle(float(found[2]), "d", float(found[1]), "d"))


def _worn(found: re.Match[str], chance: random.Random) -> Timing:
    return Timing(when=("MORN",), duration=float(found[1]), duration_unit="h")


CODES: tuple[tuple[str, Made], ...] = (
    (r"([WMNAEH]+)", _moments),
    (r"(\d)(?:-(\d))?/(d|wk)", _times),
    (r"q(\d+)(?:-(\d+))?h", _every),
    (r"(\d*)(h|d|mo)", _apart),
    (r"((?:ac|c|pc)[mdv]?(?:\+(?:(?:ac|c|pc)[mdv]?|H))*)(\d+)?", _meals),
    (r"@([\d,]+)", _clock),
    (r"wk3?|days5", _days),
    (r"(\d+):(\d+)", _cycle),
    (r"patch(\d+)", _worn),
    (r"once", lambda found, chance: Timing(count=1)),
    (r"none", lambda found, chance: None),
)


def timing(code: str, chance: random.Random) -> Timing | None:
    """What a code says. Raises ValueError for one that isn't in the table."""
    for pattern, made in CODES:
        if found := re.fullmatch(pattern, code):
            return made(found, chance)
    raise ValueError(f"no rhythm is written {code!r}")
