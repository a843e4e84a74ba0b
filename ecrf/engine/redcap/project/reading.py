"""A REDCap project XML: fields, arms, events, repeats and what else it says; data are read apart."""

from __future__ import annotations

import re
from typing import Any

from ecrf.engine.definition import Definition
from ecrf.engine.exchange.xml import Element, child, children, local, parse, text_of
from ecrf.engine.faults import Fault, Refused
from ecrf.engine.redcap.from_rows import from_rows
from ecrf.engine.redcap.pages import key_of
from ecrf.engine.redcap.project.attributes import form_name
from ecrf.engine.redcap.project.events import study_events
from ecrf.engine.redcap.project.metadata import dictionary
from ecrf.engine.redcap.project.repeats import repeats
from ecrf.engine.redcap.project.settings import source

CODE = re.compile(r"[A-Za-z0-9_.-]{1,100}")


def read_project(content: bytes, *, language: str = "en", ranges: str = "warn") -> tuple[Definition, list[Fault]]:
    """The definition, and what only REDCap can do with the project. Raises Refused with every fault."""
    root = parse(content)
    version = child(child(root, "Study"), "MetaDataVersion")
    variables = child(child(root, "Study"), "GlobalVariables")
    if local(root) != "ODM" or version is None or variables is None:
        raise Refused([Fault("line 1", "not_redcap_xml")])
    rows = list(dictionary(version))
    if not rows:
        raise Refused([Fault(f"line {version.line}", "file_empty")])
    warnings: list[Fault] = []
    title = text_of(child(variables, "StudyName")) or str(version.get("Name", ""))
    arms, events = study_events(version, language)

    def complete(data: dict[str, Any]) -> None:
        names = {key_of(form_name(form)): form.get("Name", "") for form in children(version, "FormDef")}
        for page in data["pages"]:
            page["title"] = {language: names.get(page["key"]) or page["title"][language]}
        warnings.extend(repeats(variables, data["pages"], events))
        if events:
            data["arms"], data["events"] = arms, events
        if codes := missing_codes(variables, language):
            data["missing_codes"] = codes
        unique = text_of(child(variables, "SecondaryUniqueField"))
        for item in (one for page in data["pages"] for group in page["groups"] for one in group["items"]):
            if item["key"] == unique:
                item["unique"] = True
        data["source"] = source(root, version, variables, warnings)

    definition, found = from_rows(
        rows, [], title={language: title}, language=language, ranges=ranges, complete=complete
    )
    return definition, [*found, *warnings]


def missing_codes(variables: Element, language: str) -> list[dict[str, Any]]:
    """``-99, Not known | …``, one a line or between bars."""
    found: dict[str, str] = {}
    for part in re.split(r"[|\n]", text_of(child(variables, "MissingDataCodes"))):
        code, _, label = part.partition(",")
        if CODE.fullmatch(code.strip()):
            found[code.strip()] = label.strip() or code.strip()
    return [{"code": code, "label": {language: label}} for code, label in found.items()]
