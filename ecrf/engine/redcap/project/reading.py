"""A REDCap project XML: fields, arms, events, repeats and what else it says; data are read apart."""

from __future__ import annotations

import re
from typing import Any
from xml.etree.ElementTree import tostring

from ecrf.engine.definition import Definition
from ecrf.engine.exchange.xml import Element, child, children, local, namespace, parse, text_of
from ecrf.engine.faults import Fault, Refused
from ecrf.engine.redcap.dictionary import from_rows, key_of
from ecrf.engine.redcap.project.events import repeats, study_events
from ecrf.engine.redcap.project.metadata import REDCAP, dictionary, form_name, own

MAX_SOURCE = 20_000
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


KNOWN = frozenset(
    {
        "StudyName",
        "StudyDescription",
        "ProtocolName",
        "MissingDataCodes",
        "RepeatingInstrumentsAndEvents",
        "SecondaryUniqueField",
    }
)
REPORTED = {
    "UserRolesGroup": "roles_not_carried",
    "UserRightsGroup": "roles_not_carried",
    "DataAccessGroupsGroup": "groups_reported",
    "ReportsGroup": "reports_not_carried",
    "SurveysGroup": "surveys_not_carried",
    "AlertsGroup": "alerts_not_carried",
}


def source(root: Element, version: Element, variables: Element, warnings: list[Fault]) -> dict[str, str]:
    """Settings of the project, kept as they are for an export; what they would do is reported."""
    study = child(root, "Study")
    found = {
        "redcap.study": str(study.get("OID", "") if study is not None else ""),
        "redcap.version": str(version.get("OID", "")),
        "redcap.system": str(root.get("SourceSystemVersion", "")),
    }
    for element in children(variables):
        name = local(element)
        if name in KNOWN or namespace(element) != REDCAP:
            continue
        inside = list(children(element))
        written = tostring(element, encoding="unicode").strip() if inside else text_of(element)
        if name.endswith("Group"):
            code = REPORTED.get(name, "settings_not_carried")
            params = {"name": name.removesuffix("Group"), "count": len(inside), "names": titles(inside)}
            warnings.append(Fault(f"line {element.line}", code, params))
        if len(written) <= MAX_SOURCE:
            found[f"redcap.{'group' if inside else 'setting'}.{name}"] = written
        else:
            warnings.append(Fault(f"line {element.line}", "settings_not_carried", {"name": name, "count": len(inside)}))
    return {key: text for key, text in found.items() if text}


def titles(elements: list[Element]) -> str:
    """How people call the parts: roles, groups of sites, reports."""
    names = (
        own(one, "role_name") or own(one, "group_name") or own(one, "title") or own(one, "name") for one in elements
    )
    return ", ".join(name for name in names if name)[:500]
