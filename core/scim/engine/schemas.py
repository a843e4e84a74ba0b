"""What users and groups consist of here (RFC 7643), as it is published and as changes are checked against it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

USER = "urn:ietf:params:scim:schemas:core:2.0:User"
GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"
SCHEMA = "urn:ietf:params:scim:schemas:core:2.0:Schema"
RESOURCE_TYPE = "urn:ietf:params:scim:schemas:core:2.0:ResourceType"
CONFIG = "urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"
SEARCH = "urn:ietf:params:scim:api:messages:2.0:SearchRequest"
LIST = "urn:ietf:params:scim:api:messages:2.0:ListResponse"
ERROR = "urn:ietf:params:scim:api:messages:2.0:Error"
PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"


def attribute(name: str, description: str, kind: str = "string", **more: Any) -> dict[str, Any]:
    told: dict[str, Any] = {
        "name": name,
        "type": kind,
        "multiValued": False,
        "description": description,
        "required": False,
        "mutability": "readWrite",
        "returned": "default",
    }
    if kind in ("string", "reference"):
        told["caseExact"] = False
    if kind not in ("complex", "boolean"):
        told["uniqueness"] = "none"
    return told | more


EMAILS = (
    attribute("value", "The address.", required=True),
    attribute("type", "Kept as it is said: work, home, other."),
    attribute("primary", "Kept as it is said. Of several addresses, the primary one is the account's.", "boolean"),
)
USER_ATTRIBUTES = (
    attribute(
        "userName",
        "How the directory names the account; unique in the organisation.",
        required=True,
        uniqueness="server",
    ),
    attribute(
        "name",
        "The person's name.",
        "complex",
        subAttributes=[
            attribute("formatted", "The whole name."),
            attribute("familyName", "The family name."),
            attribute("givenName", "The given name."),
        ],
    ),
    attribute("displayName", "The name as people see it here."),
    attribute("preferredLanguage", "fr or en.", canonicalValues=["fr", "en"]),
    attribute("active", "Whether the account may sign in. Left out, it stays as it is.", "boolean", required=True),
    attribute(
        "emails",
        "The one address of the account; left out, it is the userName.",
        "complex",
        multiValued=True,
        required=True,
        subAttributes=list(EMAILS),
    ),
    attribute(
        "groups",
        "The groups of the organisation's directory that the person is in.",
        "complex",
        multiValued=True,
        mutability="readOnly",
        subAttributes=[
            attribute("value", "The group's id.", mutability="readOnly"),
            attribute("$ref", "The group's address.", "reference", mutability="readOnly", referenceTypes=["Group"]),
            attribute("display", "The group's name.", mutability="readOnly"),
        ],
    ),
)
GROUP_ATTRIBUTES = (
    attribute("displayName", "The group's name; unique in the organisation.", required=True, uniqueness="server"),
    attribute(
        "members",
        "The people in the group.",
        "complex",
        multiValued=True,
        subAttributes=[
            attribute("value", "The person's id.", mutability="immutable"),
            attribute("$ref", "The person's address.", "reference", mutability="immutable", referenceTypes=["User"]),
            attribute("type", "Always User.", mutability="immutable", canonicalValues=["User"]),
        ],
    ),
)
COMMON = (
    attribute("schemas", "The schemas of the resource.", "reference", multiValued=True),
    attribute("id", "Given here, and never changed.", mutability="readOnly", returned="always", caseExact=True),
    attribute("externalId", "How the directory knows it.", caseExact=True),
    attribute(
        "meta",
        "When it was made and changed.",
        "complex",
        mutability="readOnly",
        subAttributes=[
            attribute("resourceType", "User or Group."),
            attribute("created", "When it was made.", "dateTime"),
            attribute("lastModified", "When it was changed.", "dateTime"),
            attribute("location", "Its address.", "reference"),
            attribute("version", "Its ETag."),
        ],
    ),
)
ATTRIBUTES = {USER: USER_ATTRIBUTES, GROUP: GROUP_ATTRIBUTES}
NAMES = {
    USER: ("User", "Users", "A person's account."),
    GROUP: ("Group", "Groups", "People by the directory's groups."),
}


def declares(message: Any, schema: str) -> bool:
    """Whether a message says that it is of this schema."""
    said = message.get("schemas") if isinstance(message, dict) else None
    return isinstance(said, list) and schema in said


def known(schema: str) -> dict[str, dict[str, Any]]:
    """The attributes of a resource by their names in lower case, with those that all resources have."""
    return {each["name"].lower(): each for each in (*COMMON, *ATTRIBUTES[schema])}


def parts(of: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {each["name"].lower(): each for each in of.get("subAttributes", ())}


def published(base: str) -> Iterator[dict[str, Any]]:
    """The schemas, as /Schemas shows them."""
    for schema, attributes in ATTRIBUTES.items():
        name, _endpoint, description = NAMES[schema]
        yield {
            "schemas": [SCHEMA],
            "id": schema,
            "name": name,
            "description": description,
            "attributes": list(attributes),
            "meta": {"resourceType": "Schema", "location": f"{base}/Schemas/{schema}"},
        }


def resource_types(base: str) -> Iterator[dict[str, Any]]:
    for schema, (name, endpoint, description) in NAMES.items():
        yield {
            "schemas": [RESOURCE_TYPE],
            "id": name,
            "name": name,
            "description": description,
            "endpoint": f"/{endpoint}",
            "schema": schema,
            "meta": {"resourceType": "ResourceType", "location": f"{base}/ResourceTypes/{name}"},
        }


def config(base: str, most: int) -> dict[str, Any]:
    """What is done here and what isn't."""
    return {
        "schemas": [CONFIG],
        "patch": {"supported": True},
        "bulk": {"supported": False, "maxOperations": 0, "maxPayloadSize": 0},
        "filter": {"supported": True, "maxResults": most},
        "changePassword": {"supported": False},
        "sort": {"supported": True},
        "etag": {"supported": True},
        "authenticationSchemes": [
            {
                "type": "oauthbearertoken",
                "name": "Bearer token",
                "description": "The token of a directory, made on the organisation's page.",
                "specUri": "https://www.rfc-editor.org/info/rfc6750",
                "primary": True,
            }
        ],
        "meta": {"resourceType": "ServiceProviderConfig", "location": f"{base}/ServiceProviderConfig"},
    }
