"""Rules of the French ePrescription guide (`ans.fhir.fr.eprescription` 1.1.0-ballot) for `FRMedicationRequest`."""

from __future__ import annotations

from typing import Any

from prescriptions.engine.exchange.codes import EDQM, MEDICINES, RENDERED, UCUM
from prescriptions.engine.exchange.rules import Rule

Json = dict[str, Any]


def _has(name: str) -> Any:
    """Present, be it as a primitive of which only the reason of its absence is known."""
    return lambda found: name in found or f"_{name}" in found


def _known_system(quantity: Json) -> bool:
    return "code" not in quantity or quantity.get("system") in (UCUM, EDQM)


def _is_coded(concept: Json) -> bool:
    return any(coding.get("system") in MEDICINES for coding in concept.get("coding", ()))


def _group(found: Json) -> list[Any]:
    lines = [entry.get("resource", {}) for entry in found.get("entry", ())]
    return [one.get("groupIdentifier") for one in lines if one.get("resourceType") == "MedicationRequest"]


RULES = (
    Rule("fr-authored", "request", "A line says when it was written (authoredOn 1..1).", _has("authoredOn")),
    Rule("fr-requester", "request", "A line says who wrote it (requester 1..1).", _has("requester")),
    Rule("fr-dosage", "request", "A line has a dosage (dosageInstruction 1..*).",
        lambda r: bool(r.get("dosageInstruction"))),
    Rule("fr-rendered", "request", "The whole posology in words is there at most once, as markdown.",
        lambda r: [list(e) for e in r.get("extension", ()) if e.get("url") == RENDERED]
        in ([], [["url", "valueMarkdown"]])),
    Rule("fr-patient-instruction", "dosage",
        "patientInstruction is forbidden: what was written for the patient is an additionalInstruction.",
        lambda d: "patientInstruction" not in d),
    Rule("fr-med-smpl-quant-1", "dose quantity", "A code of a unit is of UCUM or EDQM.", _known_system),
    Rule("fr-med-smpl-quant-2", "dose quantity", "A system of units stands with a code only.",
        lambda q: "system" not in q or "code" in q),
    Rule("fr-ucum", "quantity", "A UCUM code has no annotation: units without one are said in words.",
        lambda q: q.get("system") != UCUM or not set("{}[]") & set(q.get("code", ""))),
    Rule("fr-route", "route", "A coded route is coded in EDQM.",
        lambda c: not c.get("coding") or any(coding.get("system") == EDQM for coding in c["coding"]), "warning"),
    Rule("fr-medication-code", "medicine",
        "The medicine has a code of the national lists (UCD, CIS, CIP, SMS, ANSM); this one is named only.",
        _is_coded, "warning"),
    Rule("fr-group", "bundle", "Lines written together share a groupIdentifier.",
        lambda b: len(_group(b)) < 2 or all(_group(b)), "warning"),
)  # fmt: skip
