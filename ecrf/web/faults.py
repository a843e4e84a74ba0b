"""Faults of a file by their place in it, as rows of a table."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

PATH = re.compile(r"pages\.(?P<page>\d+)(?:\.groups\.(?P<group>\d+)(?:\.items\.(?P<item>\d+))?)?(?:\.(?P<rest>.*))?")
ROW = re.compile(r"(?:(?P<file>[a-z]{2}): )?(?:row|line) (?P<row>\d+)(?:, (?P<column>.*))?", re.DOTALL)


def placed(place: str, message: Any) -> dict[str, Any]:
    """A fault with its row and column apart, as its reader looks them up in a spreadsheet or an editor."""
    found = ROW.fullmatch(place)
    if found is None:
        return {"row": "", "column": place if place != "file" else _("File"), "message": message}
    column = (found["column"] or _("whole row")).removeprefix("column ")
    return {
        "row": int(found["row"]),
        "column": f"{column} ({found['file']})" if found["file"] else column,
        "message": message,
    }


def named(place: str, data: Mapping[str, Any]) -> str:
    """A path in a definition by the keys that a person knows: ``weight, range``."""
    found = PATH.fullmatch(place)
    if found is None:
        return place
    page = data["pages"][int(found["page"])]
    key = page["key"]
    if found["item"] is not None:
        key = page["groups"][int(found["group"])]["items"][int(found["item"])]["key"]
    elif found["group"] is not None:
        key = f"{key}, {_('section')} {int(found['group']) + 1}"
    return f"{key}, {found['rest']}" if found["rest"] else str(key)
