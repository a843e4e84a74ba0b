"""An ordonnance as a FHIR R4 Bundle of the French ePrescription guide, and back.

>>> from prescriptions.engine import read_ordonnance
>>> bundle = write(read_ordonnance("DOLIPRANE 1000 mg : 1 cp le soir"), "urn:uuid:6b1f2c9e-0f5e-4d0a-9a39-1a0c3f1f6c11")
>>> [entry["resource"]["resourceType"] for entry in bundle["entry"]]
['Patient', 'Practitioner', 'MedicationRequest']
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal
from uuid import NAMESPACE_URL, uuid5

from prescriptions.engine.exchange import request
from prescriptions.engine.exchange.codes import PATIENT, PRACTITIONER
from prescriptions.engine.reference.product import Product
from prescriptions.engine.schema import Head, Medication, Ordonnance

Json = dict[str, Any]
Kind = Literal["collection", "transaction"]
MEDIA_TYPE = "application/fhir+json"


@dataclass(frozen=True, slots=True)
class Sent:
    """What leaves: the medicines that are to leave, each under the number of its line, and the head they share."""

    group: str
    """The identifier of the ordonnance: a URN."""
    medications: Mapping[int, Medication]
    head: Head = field(default_factory=Head)
    products: Mapping[int, Product] = field(default_factory=dict)
    reviewed: bool = True
    label: str = ""
    """What people call it: its number."""


def write(
    ordonnance: Ordonnance, group: str, *, kind: Kind = "collection", products: Mapping[int, Product] | None = None,
    reviewed: bool = True,
) -> Json:  # fmt: skip
    """The Bundle of a whole reading; `products` are what its lines (from 1 on) were linked to."""
    lines = {number: line.medication for number, line in enumerate(ordonnance.lines, 1)}
    return bundle([Sent(group, lines, ordonnance.document, products or {}, reviewed)], kind)


def bundle(sent: Sequence[Sent], kind: Kind = "collection") -> Json:
    """One Bundle of one or more ordonnances, each with its own patient, whose identity is not told.

    The same ordonnance has the same resource ids at each export. A transaction puts each resource under its id.
    """
    entries = [entry for one in sent for entry in _entries(one, kind)]
    return {"resourceType": "Bundle", "type": kind, **({"entry": entries} if entries else {})}


def _entries(sent: Sent, kind: Kind) -> list[Json]:
    urns = {part: _urn(sent.group, part) for part in ("patient", "practitioner")}
    frame = request.Frame(
        group=sent.group,
        subject=urns["patient"],
        requester=urns["practitioner"],
        authored=_day(sent.head.date),
        status="active" if sent.reviewed else "draft",
        dispense=sent.head.dispense,
    )
    resources = [
        (urns["patient"], _nobody("Patient", PATIENT, urns["patient"], "masked")),
        (urns["practitioner"], _nobody("Practitioner", PRACTITIONER, urns["practitioner"], "unknown")),
    ]
    for number, medication in sent.medications.items():
        urn = _urn(sent.group, f"line {number}")
        resources.append((urn, request.write(medication, frame, _id(urn), sent.products.get(number))))
    return [_entry(urn, resource, kind) for urn, resource in resources]


def _entry(urn: str, resource: Json, kind: Kind) -> Json:
    made: Json = {"fullUrl": urn, "resource": resource}
    if kind == "transaction":
        made["request"] = {"method": "PUT", "url": f"{resource['resourceType']}/{resource['id']}"}
    return made


def _nobody(kind: str, profile: str, urn: str, reason: str) -> Json:
    """A person of whom only that is said: nothing of the header of an ordonnance leaves."""
    return {
        "resourceType": kind,
        "id": _id(urn),
        "meta": {"profile": [profile]},
        "name": [request.absent(reason)],
    }


def _urn(group: str, part: str) -> str:
    return f"urn:uuid:{uuid5(NAMESPACE_URL, f'{group}#{part}')}"


def _id(urn: str) -> str:
    return urn.removeprefix("urn:uuid:")


def _day(date: str | None) -> str | None:
    """The date on the ordonnance, unless there is no such day."""
    try:
        return dt.date.fromisoformat(date or "").isoformat()
    except ValueError:
        return None


def read(found: Json) -> tuple[Medication, ...]:
    """The lines of a Bundle, or of one MedicationRequest. Raises ValueError for what is neither."""
    kind = found.get("resourceType")
    if kind == "MedicationRequest":
        return (request.read(found),)
    if kind != "Bundle":
        raise ValueError("a Bundle or a MedicationRequest is expected")
    resources = [entry.get("resource", {}) for entry in found.get("entry", ())]
    return tuple(request.read(one) for one in resources if one.get("resourceType") == "MedicationRequest")
