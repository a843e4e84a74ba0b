"""Throw a file at its reader as an upload does, and judge how it ends."""

from __future__ import annotations

import io
import random
import time
from typing import Any

import pyarrow as pa

from core.datasets.engine.csv import detection, parsing
from core.datasets.engine.formats.kinds import kind_of
from core.datasets.services import documents, plans
from core.errors import Invalid
from core.files import sandbox
from tests.fuzz.corpus import SEEDS, mutated

LIMITS = sandbox.Limits(seconds=20, cpu_seconds=20, memory_bytes=1 << 30, result_bytes=64 << 20)
"""Small files need no more: what runs into these hangs, or grows without bound."""
UNACCEPTABLE = frozenset({"too_slow", "too_much_memory", "result_too_large"})
"""Refusals by the box instead of by the reader."""


class Wrong(AssertionError):
    """A file that was neither refused cleanly nor read right. The message says which, by format, seed and turn."""


def turn(kind: str, seed: int) -> str:
    """One file, made by its seed: ``read`` or ``refused``. Raises Wrong."""
    rng = random.Random(seed)
    seeds = list(SEEDS[kind]())
    data = mutated(rng.choice(seeds), rng)
    started = time.monotonic()
    try:
        return thrown(data)
    except sandbox.Rejected as refused:
        if refused.code in UNACCEPTABLE:
            raise Wrong(f"{kind} {seed}: {refused.code} after {time.monotonic() - started:.1f} s") from refused
        return "refused"
    except (Invalid, parsing.BadCsv, documents.BadCells):
        return "refused"
    except Exception as error:
        raise Wrong(f"{kind} {seed}: {type(error).__name__}: {error}") from error


def thrown(data: bytes) -> str:
    """As an upload reads it: by its first bytes, CSV here and all others in the sandbox."""
    kind = kind_of(data[: detection.SAMPLE])
    if kind == "csv":
        found = detection.detect(data[: detection.SAMPLE])
        if not found.columns or len({column.name for column in found.columns}) < len(found.columns):
            return "refused"
        return whole(parsing.parse(io.BytesIO(data), found.dialect, found.columns))
    if kind == "xls":
        return "refused"
    with sandbox.run(f"{documents.READER}:look", io.BytesIO(data), {"kind": kind, "options": {}}, LIMITS) as result:
        plan = plans.plan_of_document(kind, documents.told(result))
    return read(data, plan)


def read(data: bytes, plan: dict[str, Any]) -> str:
    with (
        sandbox.run(f"{documents.READER}:read", io.BytesIO(data), documents.arguments_of(plan), LIMITS) as result,
        documents.stream_of(result, plan) as (reader, _columns),
    ):
        return whole(reader)


def whole(reader: pa.RecordBatchReader) -> str:
    """Read to the end, each batch proved to be what it says."""
    for batch in reader:
        batch.validate(full=True)
    return "read"
