"""The texts of another language's data dictionary."""

from __future__ import annotations

from collections.abc import Sequence

from ecrf.engine.faults import Fault
from ecrf.engine.redcap.columns import Row
from ecrf.engine.redcap.fields import Field
from ecrf.engine.redcap.pages import title_of


def translate(fields: Sequence[Field], language: str, rows: list[Row], remarks: list[Fault]) -> list[Fault]:
    """Add another language's texts to the fields of the same names."""
    known = {field.key: field for field in fields}
    warnings = list(remarks)
    for row in rows:
        field = known.pop(row["name"].lower(), None)
        if field is None:
            warnings.append(row.fault("name", "translation_of_nothing", name=row["name"], language=language))
            continue
        warnings += field.translate(row, language, title_of(row["form"]))
    warnings += [
        field.row.fault("name", "translation_missing", name=key, language=language) for key, field in known.items()
    ]
    return warnings
