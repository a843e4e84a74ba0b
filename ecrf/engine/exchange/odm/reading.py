"""Read a study in ODM, whichever version it says it is."""

from __future__ import annotations

from typing import Any

from ecrf.engine.definition import load
from ecrf.engine.exchange.odm import grammar
from ecrf.engine.exchange.odm.building import Building
from ecrf.engine.exchange.odm.model import Study
from ecrf.engine.exchange.odm.parsing import Parsing
from ecrf.engine.exchange.xml import Element, child, parse
from ecrf.engine.faults import Fault, Refused


def read_study(content: bytes, *, language: str = "en") -> tuple[dict[str, Any], list[Fault]]:
    """The data of the definition, and what couldn't be carried. Raises Refused with every fault and its line."""
    root = parse(content)
    version = grammar.version_of(root)
    if not version:
        raise Refused([Fault(f"line {root.line}", "not_odm")])
    faults = list(grammar.faults(root, version))
    element = child(root, "Study")
    if element is None or child(element, "MetaDataVersion") is None:
        faults.append(Fault(f"line {root.line}, ODM", "no_metadata", {"row": root.line, "column": "ODM"}))
    if faults or element is None:
        raise Refused(in_order(faults))
    data, _, remarks = built(element, version, language)
    placed(data)
    return data, in_order(remarks)


def built(element: Element, version: str, language: str) -> tuple[dict[str, Any], Study, list[Fault]]:
    parsing = Parsing(element, version)
    study = parsing.result()
    building = Building(study, language)
    data = building.definition()
    faults = [*parsing.faults, *building.faults]
    if faults:
        raise Refused(in_order(faults))
    return data, study, [*parsing.remarks, *building.remarks]


def placed(data: dict[str, Any]) -> None:
    """Refuse what no form can be, by the keys of pages and items."""
    if not data["pages"]:
        raise Refused([Fault("file", "file_empty")])
    load(data)


def in_order(faults: list[Fault]) -> list[Fault]:
    return sorted(faults, key=lambda fault: int(fault.params.get("row", 0)))
