"""The page that says how each requirement of the OWASP ASVS 5.0.0 is met, made from `docs/asvs.csv`."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

CHAPTERS = {
    1: "Encoding and sanitisation",
    2: "Validation and business logic",
    3: "What browsers are told",
    4: "API and web services",
    5: "Files",
    6: "Authentication",
    7: "Sessions",
    8: "Authorisation",
    9: "Tokens that speak for themselves",
    10: "OAuth and OpenID Connect",
    11: "Cryptography",
    12: "Communication",
    13: "Configuration",
    14: "Data protection",
    15: "Code and architecture",
    16: "Logs and errors",
    17: "WebRTC",
}
STATES = {"met": "met", "gap": "**gap**", "none": "doesn’t apply"}
INTRODUCTION = """# OWASP ASVS 5.0.0, level 2

Requirement by requirement of levels 1 and 2: how the core meets it, and the test that shows it; a **gap** says the risk
that stays. The numbers are those of the [OWASP Application Security Verification Standard
5.0.0](https://github.com/OWASP/ASVS/tree/v5.0.0), where their text is (OWASP Foundation, CC BY-SA 4.0); the words here
are ours. Made from `asvs.csv` by `manage.py generate`; a test fails where a number or a named test is missing.
"""


@dataclass(frozen=True)
class Requirement:
    number: str
    level: int
    state: str
    how: str
    tests: Sequence[str]
    """``path::name``, or the path of a whole file."""

    @property
    def chapter(self) -> int:
        return int(self.number.partition(".")[0])


def read(path: Path) -> list[Requirement]:
    with path.open(newline="") as file:
        return [
            Requirement(row["number"], int(row["level"]), row["state"], row["how"], row["tests"].split())
            for row in csv.DictReader(file)
        ]


def render(requirements: Sequence[Requirement]) -> str:
    counts = Counter(each.state for each in requirements)
    lines = [INTRODUCTION, f"{counts['met']} met, {counts['gap']} gaps, {counts['none']} don’t apply."]
    for chapter, title in CHAPTERS.items():
        rows = [each for each in requirements if each.chapter == chapter]
        if all(each.state == "none" for each in rows):
            lines += ["", f"## {chapter}. {title}", "", f"{rows[0].how}: {', '.join(each.number for each in rows)}."]
            continue
        lines += ["", f"## {chapter}. {title}", "", "| | level | | how | shown by |", "|---|---|---|---|---|"]
        lines += [line(each) for each in rows]
    return "\n".join(lines) + "\n"


def line(each: Requirement) -> str:
    shown = "<br>".join(f"`{test.removeprefix('tests/')}`" for test in each.tests)
    return f"| {each.number} | {each.level} | {STATES[each.state]} | {each.how} | {shown} |"
