"""``?fields=id,user.email``: an answer with the named fields only, also of what lies inside."""

from __future__ import annotations

import re
from typing import Any

from django.utils.translation import gettext as _

from core.errors import Fault, Invalid

PARAMETER = "fields"
NAMES = re.compile(r"[^\s,.]+(\.[^\s,.]+)*(,[^\s,.]+(\.[^\s,.]+)*)*")
MOST = 100
"""Names at a time."""

Tree = dict[str, "Tree"]
"""Name -> the names wanted inside; none means all of it."""


def wanted(text: str) -> Tree:
    """Raises Invalid for what isn't a list of names."""
    names = text.split(",")
    if not NAMES.fullmatch(text) or len(names) > MOST:
        raise Invalid([Fault(PARAMETER, "malformed", _("Name the fields, separated by commas: id,user.email"))])
    tree: Tree = {}
    for name in sorted(names):  # the whole of a field comes before parts of it, and wins
        branch = tree
        *above, last = name.split(".")
        for step in above:
            if step in branch and not branch[step]:
                break
            branch = branch.setdefault(step, {})
        else:
            branch.setdefault(last, {})
    return tree


def pick(data: Any, tree: Tree) -> Any:
    """What is wanted of one answer, or of each row of a page. Raises Invalid for a name that none of them has."""
    rows = data["results"] if isinstance(data, dict) and "results" in data and "next" in data else data
    picked, found = prune(rows, tree, "")
    if rows and (missing := sorted(names(tree) - found)):
        raise Invalid([Fault(PARAMETER, "unknown", _("There is no field %(name)s.") % {"name": m}) for m in missing])
    return picked if rows is data else {**data, "results": picked}


def prune(data: Any, tree: Tree, place: str) -> tuple[Any, set[str]]:
    """What is wanted, and which of the wanted names there were."""
    if isinstance(data, list | tuple):
        parts = [prune(inner, tree, place) for inner in data]
        return [part for part, _found in parts], set().union(*(found for _part, found in parts))
    if data is None or not tree:
        return data, {f"{place}{name}" for name in names(tree)}
    if not isinstance(data, dict):
        return data, set()
    kept, found = {}, set()
    for name, below in tree.items():
        if name in data:
            found.add(f"{place}{name}")
            kept[name], inner = prune(data[name], below, f"{place}{name}.") if below else (data[name], set())
            found |= inner
    return kept, found


def names(tree: Tree, place: str = "") -> set[str]:
    found = {f"{place}{name}" for name in tree}
    return found.union(*(names(below, f"{place}{name}.") for name, below in tree.items()))
