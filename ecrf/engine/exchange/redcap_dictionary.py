"""REDCap's data dictionary, as one of the formats."""

from __future__ import annotations

from typing import Any

from ecrf.engine.definition import Definition
from ecrf.engine.faults import Fault
from ecrf.engine.redcap import from_redcap, write_dictionary


def read(content: bytes, *, language: str = "en") -> tuple[dict[str, Any], list[Fault]]:
    definition, remarks = from_redcap(content, language=language)
    return definition.data, remarks


def write(definition: Definition) -> tuple[bytes, list[Fault]]:
    return write_dictionary(definition)
