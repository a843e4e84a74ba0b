"""People and groups as resources of SCIM."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

from django.conf import settings

from core.scim.engine import schemas

if TYPE_CHECKING:
    from core.accounts.models import User
    from core.scim.models import Group


def base() -> str:
    return f"{settings.PUBLIC_URL}/scim/v2"


def person(user: Any) -> dict[str, Any]:
    """A row of `queries.people`."""
    name = {"formatted": user.formatted, "familyName": user.family_name, "givenName": user.given_name}
    email = {"value": user.email, "type": user.email_type, "primary": user.email_primary}
    groups = [
        {"value": str(group.pk), "$ref": f"{base()}/Groups/{group.pk}", "display": group.name}
        for group in user.groups_here
    ]
    told = {
        "schemas": [schemas.USER],
        "id": str(user.pk),
        "externalId": user.external_id,
        "userName": user.user_name,
        "name": {part: value for part, value in name.items() if value},
        "displayName": user.display_name,
        "preferredLanguage": user.says_language,
        "active": user.is_active,
        "emails": [{name: value for name, value in email.items() if value not in ("", None)}],
        "groups": groups,
    }
    return _finished(told, "User", f"Users/{user.pk}", user)


def group(group: Any) -> dict[str, Any]:
    """A row of `queries.groups`."""
    told = {
        "schemas": [schemas.GROUP],
        "id": str(group.pk),
        "externalId": group.external_id,
        "displayName": group.name,
        "members": [member(user) for user in group.members_here],
    }
    return _finished(told, "Group", f"Groups/{group.pk}", group)


def member(user: User) -> dict[str, Any]:
    return {"value": str(user.pk), "$ref": f"{base()}/Users/{user.pk}", "type": "User"}


def _finished(told: dict[str, Any], kind: str, place: str, row: User | Group) -> dict[str, Any]:
    told = {name: value for name, value in told.items() if value not in ("", [], {})}
    digest = hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:24]
    changed = getattr(row, "changed_at", row.created_at)
    return {
        **told,
        "meta": {
            "resourceType": kind,
            "created": row.created_at.isoformat(),
            "lastModified": changed.isoformat(),
            "location": f"{base()}/{place}",
            "version": f'W/"{digest}"',
        },
    }
