"""The settings of a project XML, kept as they are for an export."""

from __future__ import annotations

from xml.etree.ElementTree import tostring

from ecrf.engine.exchange.xml import Element, child, children, local, namespace, text_of
from ecrf.engine.faults import Fault
from ecrf.engine.redcap.project.attributes import REDCAP, own

MAX_SOURCE = 20_000
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
