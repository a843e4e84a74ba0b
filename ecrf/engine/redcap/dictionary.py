"""Import a REDCap data dictionary: its 18 columns become a form definition, or it is refused whole with every fault.

What REDCap has and this definition can't say is kept on the item as it was written (`unconverted`) and reported.
"""

from __future__ import annotations

from collections.abc import Mapping

from ecrf.engine.definition import Definition
from ecrf.engine.faults import Fault
from ecrf.engine.redcap.dictionary_file import table
from ecrf.engine.redcap.from_rows import from_rows


def from_redcap(
    content: bytes | str,
    *,
    title: Mapping[str, str] | None = None,
    language: str = "en",
    translations: Mapping[str, bytes | str] | None = None,
    ranges: str = "warn",
) -> tuple[Definition, list[Fault]]:
    """The definition and the warnings. Raises Refused with every fault.

    `translations` are dictionaries of the same fields in other languages. REDCap's limits only warn; `ranges="block"`
    refuses what is beyond them.
    """
    rows, warnings = table(content)
    return from_rows(rows, warnings, title=title, language=language, translations=translations, ranges=ranges)
