"""CDISC ODM 1.3.2 in and out: definitions and data."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from ecrf.engine.definition import Definition
from ecrf.engine.exchange.odm.model import Study
from ecrf.engine.exchange.odm.patching import modelled
from ecrf.engine.exchange.odm.reading import read_study
from ecrf.engine.exchange.odm.writing import EPOCH, opening
from ecrf.engine.exchange.odm_1_3_2.metadata import NAMESPACE, study_text
from ecrf.engine.faults import Fault

VERSION = "1.3.2"


def read(content: bytes, *, language: str = "en") -> tuple[dict[str, Any], list[Fault]]:
    """The data of the definition, and what couldn't be carried. Raises Refused with every fault and its line."""
    return read_study(content, language=language)


def write(definition: Definition, *, created: datetime = EPOCH) -> tuple[bytes, list[Fault]]:
    """The file, and what of the definition only this system finds in it."""

    def text(study: Study) -> Iterator[str]:
        yield opening(NAMESPACE, VERSION, "Snapshot", "Metadata", study, created)
        yield from study_text(study)
        yield "</ODM>\n"

    splitting, remarks = modelled(definition.data, text, "1.3")
    return "".join(text(splitting.study)).encode(), remarks
