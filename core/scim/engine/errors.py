"""What is wrong with a message, by SCIM's own words."""

from __future__ import annotations

INVALID_FILTER = "invalidFilter"
INVALID_PATH = "invalidPath"
INVALID_SYNTAX = "invalidSyntax"
INVALID_VALUE = "invalidValue"
MUTABILITY = "mutability"
NO_TARGET = "noTarget"
TOO_MANY = "tooMany"
UNIQUENESS = "uniqueness"


class Fault(Exception):
    """The message is refused whole: a status, RFC 7644's `scimType`, and words for who runs the directory."""

    def __init__(self, kind: str, detail: str, status: int = 400) -> None:
        self.kind, self.detail, self.status = kind, detail, status
        super().__init__(detail)
