"""An event as a FHIR R4 AuditEvent (http://hl7.org/fhir/R4/auditevent.html)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

DICOM = "http://dicom.nema.org/resources/ontology/DCM"
TYPES = {
    "sign": ("110114", "User Authentication"),
    "journal": ("110101", "Audit Log Used"),
    "export": ("110106", "Export"),
    "emergency": ("110127", "Emergency Override Started"),
    "other": ("110100", "Application Activity"),
}
OUTCOMES = {"done": "0", "refused": "4", "failed": "8"}
"""Success, minor failure (the act was refused), serious failure."""
ACTIONS = (
    ("R", ("read", "downloaded", "exported", "shown", "verified")),
    ("C", ("created", "added", "made", "included", "received", "invited", "submitted", "duplicated")),
    ("D", ("deleted", "erased", "removed", "destroyed", "discarded", "revoked")),
    ("U", ("saved", "changed", "set", "renamed", "restored", "reviewed", "reopened", "renewed", "rotated", "closed")),
)  # fmt: skip
"""How the last word of an action says what was done to the thing; what is none of these was executed."""


def resource(event: Mapping[str, Any], address: str) -> dict[str, Any]:
    """The resource; `address` is that of the suite, which names its own identifiers."""
    code, display = TYPES[_type(event["action"])]
    reason = event["reason"]
    found: dict[str, Any] = _full(
        {
            "resourceType": "AuditEvent",
            "id": str(event["id"]),
            "type": {"system": DICOM, "code": code, "display": display},
            "subtype": [{"system": f"{address}/audit/actions", "code": event["action"], "display": event["did"]}],
            "action": _action(event["action"]),
            "recorded": event["at"],
            "outcome": OUTCOMES[event["outcome"]],
            "purposeOfEvent": [{"text": reason}] if reason.strip() else None,
            "agent": [_agent(event, address)],
            "source": {
                "site": address,
                "observer": {"display": "Suite InterHop"},
                "type": [
                    {
                        "system": "http://terminology.hl7.org/CodeSystem/security-source-type",
                        "code": "4",
                        "display": "Application Server",
                    }
                ],
            },
            "entity": _entities(event, address),
        }
    )
    return found


def line(event: Mapping[str, Any], address: str) -> str:
    """The resource on a line of its own, as FHIR's bulk data have it."""
    return json.dumps(resource(event, address), ensure_ascii=False) + "\n"


def _type(action: str) -> str:
    if action.startswith(("accounts.sign", "accounts.code")):
        return "sign"
    if action.startswith("audit."):
        return "journal"
    if action.startswith("access.emergency_opened"):
        return "emergency"
    return "export" if any(word in action for word in ("export", "download")) else "other"


def _action(action: str) -> str:
    last = action.rpartition("_")[2]
    return next((letter for letter, words in ACTIONS if last in words), "E")


def _agent(event: Mapping[str, Any], address: str) -> dict[str, Any]:
    network = {"address": event["address"], "type": "2"} if event["address"] else None
    identifier = {"system": f"{address}/people", "value": event["actor_id"]} if event["actor_id"] else None
    return {
        "who": {"identifier": identifier, "display": event["actor"]},
        "name": event["actor"],
        "requestor": event["channel"] in ("page", "api"),
        "network": network,
    }


def _entities(event: Mapping[str, Any], address: str) -> list[dict[str, Any]]:
    """What it was done to, its project, and how it came in; nothing that nobody said."""
    kind = {
        "system": "http://terminology.hl7.org/CodeSystem/audit-entity-type",
        "code": "2",
        "display": "System Object",
    }
    found = []
    if event["object_id"]:
        what = {"identifier": {"system": f"{address}/things/{event['object_type']}", "value": event["object_id"]}}
        found.append({"what": what, "type": kind, "detail": _details(event["details"])})
    elif event["details"]:
        found.append({"type": kind, "detail": _details(event["details"])})
    if event["project_id"]:
        found.append(
            {"what": {"identifier": {"system": f"{address}/projects", "value": event["project_id"]}}, "type": kind}
        )
    way = {"channel": event["channel"], "request": event["request_id"]}
    found.append({"type": kind, "detail": _details(way)})
    return found


def _details(values: Mapping[str, Any]) -> list[dict[str, str]]:
    texts = (
        (key, told if isinstance(told, str) else json.dumps(told, ensure_ascii=False)) for key, told in values.items()
    )
    return [{"type": key, "valueString": text} for key, text in texts if key.strip() and text.strip()]


def _full(value: Any) -> Any:
    """Without what is empty: FHIR knows no empty text, list or object."""
    if isinstance(value, dict):
        return {key: full for key, part in value.items() if (full := _full(part)) not in (None, "", {}, [])}
    if isinstance(value, list):
        return [full for part in value if (full := _full(part)) not in (None, "", {}, [])]
    return value
