"""The sites of a project by every name that a file may call them."""

from __future__ import annotations

import re
from collections import defaultdict

from core.access.models import Project, Site

LONGEST_GROUP = 18
"""REDCap's unique name of a data access group is so long at most."""


def sites_by_name(project: Project) -> dict[str, str]:
    """Code, name, either in small letters, REDCap's name of the group -> the code. A name of two sites is none's."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    codes = {}
    for code, name in Site.objects.filter(project=project, retired_at=None).values_list("code", "name"):
        codes[code] = code
        for text in (code, name):
            for called in (text, text.lower(), group_name(text)):
                found[called].add(code)
    return {called: next(iter(meant)) for called, meant in found.items() if called and len(meant) == 1} | codes


def group_name(name: str) -> str:
    """As REDCap makes the unique name of a group: small letters, digits and underscores."""
    return re.sub(r"[^a-z0-9_]", "", re.sub(r"\s+", "_", name.lower()))[:LONGEST_GROUP].strip("_")
