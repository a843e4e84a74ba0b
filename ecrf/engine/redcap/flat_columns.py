"""The columns of REDCap's flat data files."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

STATUSES = ("incomplete", "unverified", "complete")
"""What 0, 1 and 2 mean in ``<form>_complete``."""


Kind = Literal["subject", "own", "item", "box", "missing_box", "status", "ignored"]


@dataclass(frozen=True)
class Column:
    """`key` is an item, or a page for a status; `code` the choice of a box."""

    name: str
    kind: Kind
    key: str = ""
    page: str = ""
    code: str = ""


def box(key: str, code: str) -> str:
    """The column of one box: what is no letter or digit in its code becomes an underscore."""
    return f"{key}___{re.sub(r'[^a-z0-9_]', '_', code.lower())}"


def has_comma(spec: Mapping[str, Any]) -> bool:
    """Whether the field's validation in REDCap asks for a decimal comma."""
    return str(spec.get("source", {}).get("redcap.validation", "")).endswith("comma_decimal")


EVENT, INSTRUMENT, INSTANCE = "redcap_event_name", "redcap_repeat_instrument", "redcap_repeat_instance"


SITE, SURVEY = "redcap_data_access_group", "redcap_survey_identifier"
