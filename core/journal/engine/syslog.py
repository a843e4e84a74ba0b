"""An event as a syslog message (RFC 5424), and messages as a stream (RFC 6587, octet counting)."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

FACILITY = 13
"""Log audit."""
SEVERITY = {"done": 6, "refused": 4, "failed": 3}
"""Informational, warning, error."""
ENTERPRISE = "audit@32473"
"""The number that RFC 5612 reserves for examples: the project has none of its own."""
LONGEST = 8192
"""Octets: what a receiver should take (RFC 5425, section 4.3.1)."""
BOM = b"\xef\xbb\xbf"

PARAMETERS = (
    "id", "sequence", "hash", "actor_id", "actor", "outcome", "project_id", "object_type", "object_id",
    "reason", "details", "channel", "request_id", "address",
)  # fmt: skip
LONG = ("details", "reason")
"""What is left out first where a message would be too long."""

UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")


def message(event: Mapping[str, Any], host: str) -> bytes:
    """One event; never longer than a receiver takes, and on one line. What was left out is named by `truncated`."""
    left_out: list[str] = []
    while len(text := _whole(event, host, left_out)) > LONGEST and len(left_out) < len(LONG):
        left_out.append(LONG[len(left_out)])
    return text if len(text) <= LONGEST else text[:LONGEST].decode(errors="ignore").encode()


def frame(text: bytes) -> bytes:
    """A message on a stream: its length in octets, a space, and itself."""
    return b"%d %s" % (len(text), text)


def _whole(event: Mapping[str, Any], host: str, left_out: list[str]) -> bytes:
    priority = FACILITY * 8 + SEVERITY.get(str(event["outcome"]), 5)
    at = datetime.fromisoformat(str(event["at"])).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    header = f"<{priority}>1 {at} {name(host, 255)} suite-interhop - {name(str(event['action']), 32)}"
    parts = [(key, event.get(key)) for key in PARAMETERS if key not in left_out]
    if left_out:
        parts.append(("truncated", ",".join(left_out)))
    told = "".join(f' {key}="{value(part)}"' for key, part in parts if part not in (None, "", {}, []))
    return f"{header} [{ENTERPRISE}{told}] ".encode() + BOM + printable(str(event["sentence"])).encode()


def name(text: str, longest: int) -> str:
    """A field of the header: printable ASCII without spaces, or the dash that stands for nothing."""
    return re.sub(r"[^\x21-\x7e]", "_", text)[:longest] or "-"


def value(part: object) -> str:
    """The value of a parameter: quotation marks, backslashes and closing brackets are escaped (section 6.3.3)."""
    text = part if isinstance(part, str) else json.dumps(part, ensure_ascii=False)
    return re.sub(r'(["\\\]])', r"\\\1", printable(text))


def printable(text: str) -> str:
    """On one line: who writes a line break into a reason forges no second message."""
    return UNPRINTABLE.sub(" ", text)
