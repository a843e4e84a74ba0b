"""Numbers of subjects by a pattern: ``{site}-{year}-{sequence:04}``, with check digits where that is wanted."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ecrf.engine import patterns
from ecrf.engine.check_digits import check, holds
from ecrf.engine.faults import Fault

LONGEST = 30
"""Signs of a number."""
PLACEHOLDER = re.compile(r"\{(site|arm|year|yy|sequence|check)(?::0?([1-9]))?\}")
LITERAL = re.compile(r"[A-Za-z0-9_./ -]{0,30}")
SIGNS = re.compile(r"[^\s\x00-\x1f\x7f\"'&+#](?:[^\x00-\x1f\x7f\"'&+#]{0,28}[^\s\x00-\x1f\x7f\"'&+#])?")
"""What any number may look like: what REDCap takes too."""


@dataclass(frozen=True)
class Rule:
    pattern: str
    per_site: bool = True
    check: str = ""
    typed: bool = False
    typed_pattern: str = ""

    @property
    def needs_arm(self) -> bool:
        return "{arm}" in self.pattern

    @property
    def needs_nobody(self) -> bool:
        """Whether a number is made without anybody who gives it or names an arm."""
        return not self.typed and not self.needs_arm

    def problems(self) -> list[Fault]:
        """Everything for which this can't be a rule."""
        faults: list[Fault] = []
        parts = PLACEHOLDER.split(self.pattern)
        literals, names = parts[::3], parts[1::3]
        if any(not LITERAL.fullmatch(literal) for literal in literals):
            faults.append(Fault("pattern", "pattern_signs"))
        if names.count("sequence") != 1:
            faults.append(Fault("pattern", "pattern_sequence"))
        if self.per_site and "site" not in names:
            faults.append(Fault("pattern", "pattern_site"))
        if "check" in names and (not self.check or names.index("check") != len(names) - 1 or literals[-1]):
            faults.append(Fault("pattern", "pattern_check"))
        if not faults and len(self.number(site="SITE1", arm="arm", year=2026, sequence=1)) > LONGEST:
            faults.append(Fault("pattern", "too_long", {"limit": LONGEST}))
        if self.typed_pattern and patterns.wrong(self.typed_pattern) is not None:
            faults.append(Fault("typed_pattern", "pattern_unreadable"))
        return faults

    def number(self, *, site: str, arm: str, year: int, sequence: int) -> str:
        values = {"site": site, "arm": arm, "year": f"{year:04}", "yy": f"{year % 100:02}", "check": ""}

        def written(found: re.Match[str]) -> str:
            return f"{sequence:0{found[2] or 1}}" if found[1] == "sequence" else values[found[1]]

        text = PLACEHOLDER.sub(written, self.pattern)
        return text + check(self.check, text) if self.check else text

    def count(self, *, site: str, arm: str, year: int) -> str:
        """The name of the count that the next sequence is taken from: what stands in the number begins its own."""
        names = PLACEHOLDER.split(self.pattern)[1::3]
        parts = [f"site {site}" if self.per_site else "study"]
        parts += [f"arm {arm}"] if "arm" in names else []
        parts += [f"year {year}"] if {"year", "yy"} & set(names) else []
        return ", ".join(parts)

    def fault_of(self, number: str) -> Fault | None:
        """What is wrong with a number that somebody typed."""
        if not SIGNS.fullmatch(number):
            return Fault("number", "bad_subject", {"limit": LONGEST})
        if self.typed_pattern and not patterns.compile_pattern(self.typed_pattern).matches(number):
            return Fault("number", "number_pattern")
        if self.check and not holds(self.check, number):
            return Fault("number", "number_check")
        return None
