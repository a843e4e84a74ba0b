"""What formulas of a form that is being read may name, before there is a definition to ask."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ecrf.engine.expressions import Scope


def scope_of(
    types: Mapping[str, str],
    codes: Mapping[str, frozenset[str]],
    within: Mapping[str, str],
    copies: Mapping[str, Sequence[str]],
    row: str = "",
) -> Scope:
    """Outside of rows, or in those of the repeat `row`.

    `within` gives the repeat of each item that stands in one, `copies` the items of each repeating page.
    """
    repeats = {page: {key: types[key] for key in keys if key in types} for page, keys in copies.items()}
    for key, repeat in within.items():
        if key in types:
            repeats.setdefault(repeat, {})[key] = types[key]
    made = Scope(types={key: kind for key, kind in types.items() if key not in within}, codes=codes, repeats=repeats)
    return made.inside(row) if row in set(within.values()) & repeats.keys() else made
