"""A provider that obeys a policy of AWS: what it doesn't allow is refused."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from typing import Any
from urllib.parse import unquote, urlsplit

from tests.backup.stores.faulty import Answer, Call, Rule, Serve, status

ACTIONS = {"GET": "s3:GetObject", "HEAD": "s3:GetObject", "PUT": "s3:PutObject", "DELETE": "s3:DeleteObject"}


def obeys(policy: str) -> Rule:
    statements = json.loads(policy)["Statement"]

    def rule(call: Call, serve: Serve) -> Answer:
        if all(_allows(statements, action, resource, call) for action, resource in _needed(call)):
            return serve(call)
        return status(403, "AccessDenied")(call, serve)

    return rule


def _needed(call: Call) -> list[tuple[str, str]]:
    """Actions and resources that a call needs, as AWS's table of permissions has it."""
    bucket, _slash, key = unquote(urlsplit(call.path).path).lstrip("/").partition("/")
    arn = f"arn:aws:s3:::{bucket}" + (f"/{key}" if key else "")
    if "list-type" in call.query:
        return [("s3:ListBucket", arn)]
    if "retention" in call.query:
        return [("s3:PutObjectRetention", arn)]
    needed = [(ACTIONS[call.method], arn)]
    if call.header("x-amz-object-lock-mode"):
        needed.append(("s3:PutObjectRetention", arn))
    return needed


def _allows(statements: list[dict[str, Any]], action: str, resource: str, call: Call) -> bool:
    return any(
        statement["Effect"] == "Allow"
        and action in statement["Action"]
        and any(fnmatchcase(resource, pattern) for pattern in statement["Resource"])
        and all(_holds(kind, wanted, call) for kind, wanted in statement.get("Condition", {}).items())
        for statement in statements
    )


def _holds(kind: str, wanted: dict[str, Any], call: Call) -> bool:
    if kind == "StringLike":
        prefix = call.query.get("prefix", [""])[0]
        return any(fnmatchcase(prefix, pattern) for pattern in wanted["s3:prefix"])
    if kind == "Null":
        return (not call.header("If-None-Match")) == (wanted["s3:if-none-match"] == "true")
    assert kind == "NumericLessThanEquals"
    until = call.header("x-amz-object-lock-retain-until-date") or call.body.decode().split("RetainUntilDate>")[1][:20]
    left = datetime.fromisoformat(until[:19]).replace(tzinfo=UTC) - datetime.now(UTC)
    return left.total_seconds() / 86_400 <= int(wanted["s3:object-lock-remaining-retention-days"])
