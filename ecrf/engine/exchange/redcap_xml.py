"""The XML of a REDCap project, as one of the formats."""

from __future__ import annotations

from typing import Any

from ecrf.engine.definition import Definition
from ecrf.engine.faults import Fault
from ecrf.engine.redcap.project import read_project, write_project


def read(content: bytes, *, language: str = "en") -> tuple[dict[str, Any], list[Fault]]:
    definition, remarks = read_project(content, language=language)
    return definition.data, remarks


def write(definition: Definition) -> tuple[bytes, list[Fault]]:
    return write_project(definition)
