"""The structure of AuditEvent as FHIR 4.0.1 publishes it (http://hl7.org/fhir/R4/auditevent.html), as a JSON schema.

Cardinalities, types, required codes and the invariant sev-1 are those of the page; nothing else is allowed.
"""

from __future__ import annotations

from typing import Any

STRING: dict[str, Any] = {"type": "string", "pattern": r"^[\s\S]*\S[\s\S]*$"}
CODE = {"type": "string", "pattern": r"^[^\s]+( [^\s]+)*$"}
URI = {"type": "string", "pattern": r"^\S+$"}
INSTANT = {
    "type": "string",
    "pattern": r"^\d{4}-\d\d-\d\dT([01]\d|2[0-3]):[0-5]\d:([0-5]\d|60)(\.\d+)?(Z|[+-](0\d|1[0-4]):[0-5]\d)$",
}


def some(**properties: Any) -> dict[str, Any]:
    """An element: a name that ends with an underscore must be there. No element is empty."""
    return {
        "type": "object",
        "additionalProperties": False,
        "minProperties": 1,
        "properties": {name.rstrip("_"): value for name, value in properties.items()},
        "required": [name.rstrip("_") for name in properties if name.endswith("_")],
    }


def many(of: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "minItems": 1, "items": of}


CODING = some(system=URI, version=STRING, code=CODE, display=STRING, userSelected={"type": "boolean"})
CONCEPT = some(coding=many(CODING), text=STRING)
PERIOD = some(start=STRING, end=STRING)
IDENTIFIER = some(
    use={"enum": ["usual", "official", "temp", "secondary", "old"]},
    type=CONCEPT,
    system=URI,
    value=STRING,
    period=PERIOD,
)
REFERENCE = some(reference=STRING, type=URI, identifier=IDENTIFIER, display=STRING)
NETWORK = some(address=STRING, type={"enum": ["1", "2", "3", "4", "5"]})
AGENT = some(
    type=CONCEPT,
    role=many(CONCEPT),
    who=REFERENCE,
    altId=STRING,
    name=STRING,
    requestor_={"type": "boolean"},
    location=REFERENCE,
    policy=many(URI),
    media=CODING,
    network=NETWORK,
    purposeOfUse=many(CONCEPT),
)
DETAIL = some(type_=STRING, valueString=STRING, valueBase64Binary=STRING)
DETAIL["oneOf"] = [{"required": ["valueString"]}, {"required": ["valueBase64Binary"]}]
ENTITY = some(
    what=REFERENCE,
    type=CODING,
    role=CODING,
    lifecycle=CODING,
    securityLabel=many(CODING),
    name=STRING,
    description=STRING,
    query=STRING,
    detail=many(DETAIL),
)
ENTITY["not"] = {"required": ["name", "query"]}
AUDIT_EVENT = some(
    resourceType_={"const": "AuditEvent"},
    id={"type": "string", "pattern": r"^[A-Za-z0-9\-.]{1,64}$"},
    language=CODE,
    type_=CODING,
    subtype=many(CODING),
    action={"enum": ["C", "R", "U", "D", "E"]},
    period=PERIOD,
    recorded_=INSTANT,
    outcome={"enum": ["0", "4", "8", "12"]},
    outcomeDesc=STRING,
    purposeOfEvent=many(CONCEPT),
    agent_=many(AGENT),
    source_=some(site=STRING, observer_=REFERENCE, type=many(CODING)),
    entity=many(ENTITY),
)
