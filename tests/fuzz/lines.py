"""Lines of ordonnances with what bad luck or bad will may make of them, and how their reading ends."""

from __future__ import annotations

import json
import random
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

from prescriptions import engine
from tests.prescriptions import own_cases

CASES = Path(__file__).resolve().parents[1] / "prescriptions" / "data" / "cases.jsonl"
TEXTS = [
    *(json.loads(line)["text"] for line in CASES.read_text(encoding="utf-8").splitlines()),
    *(case["text"] for case in own_cases.lines()),
    *(case["text"] for case in own_cases.prescriptions()),
]
LINES = [text for text in TEXTS if "\n" not in text]
CONFUSED = {
    "0": "OoQ", "1": "lI|i", "5": "S", "8": "B", "o": "0", "l": "1I|", "i": "1l", "m": "rn", "n": "ri", "µ": "ug9",
    "g": "9q", "é": "e6", "/": "l|", "-": "—~_", ",": ".", ".": ",", "c": "e(", "p": "q", "j": ";i", "h": "b",
}  # fmt: skip
"""What optical readers take characters for."""
PIECES = [
    "1-0-1", "1/2", "½", "10.000", "999999999999999999999999", "1e309", "0", "-1", "0,0000001", "µg", "si ", "puis ",
    "max ", "pendant ", "toutes les ", "à 8h ", "J1 ", "(", ")", "|", "\n", "\t", "\x00", "\u202e", "👍", "٣", "①", "²",
    "DOLIPRANE ", "lundi ", "par jour ", "et ", "de ", "un quart ", "mille ", "q.s.p. ", "½½", "𝟙", "ﬁ", "\ud7ff",
]  # fmt: skip
LONGEST = 4_000
SECONDS = 0.25
SECONDS_A_CHARACTER = 0.0005


@dataclass(slots=True)
class Report:
    """How many were read, what failed (seed and error), and the slowest line."""

    read: int = 0
    failed: list[str] = field(default_factory=list)
    slow: list[str] = field(default_factory=list)
    slowest: float = 0.0
    slowest_text: str = ""
    seconds: float = 0.0


def mutated(text: str, rng: random.Random) -> str:
    """The text with some characters misread, lost, doubled, swapped, words repeated, or grown far too long."""
    made = list(text)
    for _ in range(rng.choice((1, 1, 2, 3, 8))):
        place = rng.randrange(len(made) + 1)
        act = rng.randrange(10)
        if act == 0 and place < len(made):
            made[place] = rng.choice(CONFUSED.get(made[place], made[place].upper()))
        elif act == 1:
            del made[place : place + rng.choice((1, 1, 2, 6))]
        elif act == 2:
            made.insert(place, chr(rng.choice((rng.randrange(32, 127), rng.randrange(0x250), rng.randrange(0xD7FF)))))
        elif act == 3:
            made[place:place] = rng.choice(PIECES)
        elif act == 4 and made:
            other = rng.randrange(len(made))
            place %= len(made)
            made[place], made[other] = made[other], made[place]
        elif act == 5:
            made[place:place] = made[place : place + rng.choice((2, 5, 20))] * rng.choice((1, 2, 5))
        elif act == 6:
            made[place:place] = str(rng.choice((rng.randrange(10), rng.randrange(100_000), rng.random() * 1000)))
        elif act == 7:
            made = list("".join(made).upper() if rng.random() < 0.5 else "".join(made).replace(" ", ""))
        elif act == 8:
            made[place:place] = rng.choice(LINES)[: rng.randrange(60)]
        elif act == 9 and rng.random() < 0.01:
            made = (made or ["1 "]) * (LONGEST // max(len(made), 1))
    return "".join(made)[:LONGEST]


def line(seed: int) -> str:
    """The line that a seed makes: a mutated one, several run together, or bytes of nothing."""
    rng = random.Random(seed)
    if seed % 20 == 0:
        return rng.randbytes(rng.randrange(80)).decode(rng.choice(("utf-8", "cp1252", "utf-16-le")), "replace")
    text = rng.choice(LINES if seed % 250 else TEXTS)
    if seed % 7 == 0:
        text += rng.choice((" ", "", " ; ", "\n")) + rng.choice(LINES)
    return mutated(text, rng)


def reading(text: str, whole: bool, lexicon: engine.Lexicon | None) -> None:
    """Read it, and see that every place of the evidence is in its text."""
    read = engine.read_ordonnance(text, lexicon).lines if whole else (engine.read_line(text, lexicon),)
    assert all(text[item.start : item.end] == item.text for one in read for item in one.evidence)


def seconds_alone(text: str, whole: bool, lexicon: engine.Lexicon | None) -> float:
    """Seconds of this thread in the better of two readings: the machine may have been busy in the first."""

    def once() -> float:
        started = time.thread_time()
        reading(text, whole, lexicon)
        return time.thread_time() - started

    return min(once(), once())


def run(first: int, count: int, lexicon: engine.Lexicon | None = None) -> Report:
    """Read the lines of so many seeds, one in ten of them as a whole text."""
    report = Report()
    began = time.perf_counter()
    for seed in range(first, first + count):
        text, whole = line(seed), seed % 10 == 0
        started = time.perf_counter()
        try:
            reading(text, whole, lexicon)
        except Exception as error:
            report.failed.append(f"seed {seed}: {type(error).__name__}: {error}")
            continue
        finally:
            report.read += 1
        took = time.perf_counter() - started
        limit = SECONDS + SECONDS_A_CHARACTER * len(text)
        if took > min(limit, max(report.slowest, 0.05)):
            took = seconds_alone(text, whole, lexicon)
        if took > limit:
            report.slow.append(f"seed {seed}: {took:.2f} s for {len(text)} characters")
        if took > report.slowest:
            report.slowest, report.slowest_text = took, text
    report.seconds = time.perf_counter() - began
    return report


if __name__ == "__main__":
    found = run(int(sys.argv[1]), int(sys.argv[2]))
    print(
        f"{found.read:,} lines in {found.seconds:,.0f} s: {len(found.failed)} failed, {len(found.slow)} too slow; "
        f"slowest {found.slowest * 1000:.0f} ms for {len(found.slowest_text)} characters"
    )
    print("\n".join([*found.failed[:20], *found.slow[:20]]))
