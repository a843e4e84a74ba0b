"""The set that comes with the project: 75 worked cases, and the same with altered letters."""

from __future__ import annotations

from functools import lru_cache
from importlib import resources

from prescriptions.engine.evaluation.case import Case, read_set
from prescriptions.engine.evaluation.noise import levels

SEED = 5


@lru_cache(maxsize=1)
def cases() -> tuple[Case, ...]:
    """The worked cases, as written."""
    text = resources.files("prescriptions.engine.evaluation").joinpath("cases.jsonl").read_text(encoding="utf-8")
    return read_set(text.splitlines())


@lru_cache(maxsize=1)
def noisy() -> tuple[Case, ...]:
    """The worked cases as written, and with one and three letters in a hundred altered."""
    return levels(cases(), SEED)


SETS = {"own": cases, "own-noisy": noisy}
