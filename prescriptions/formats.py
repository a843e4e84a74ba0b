"""What prescriptions leave as: files and datasets."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import get_language, gettext_lazy

from prescriptions.engine.exchange import fhir, pn13, table
from prescriptions.engine.exchange.fhir import Sent

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise


@dataclass(frozen=True)
class Form:
    """A format: what it is called, its media type, the end of its name, and who writes it."""

    key: str
    label: _StrPromise | str
    media_type: str
    suffix: str
    write: Callable[[Sequence[Sent]], str]


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2) + "\n"


def _language() -> str:
    return "fr" if (get_language() or "fr").startswith("fr") else "en"


FORMS = {
    form.key: form
    for form in (
        Form("fhir", gettext_lazy("FHIR R4 (ePrescription)"), f"{fhir.MEDIA_TYPE}; charset=utf-8", "fhir.json",
            lambda found: _json(fhir.bundle(found))),
        Form("csv", gettext_lazy("Table (CSV)"), "text/csv; charset=utf-8", "csv",
            lambda found: table.text(found, _language())),
        Form("pn13", gettext_lazy("PN13-like JSON"), "application/json; charset=utf-8", "pn13.json",
            lambda found: _json(pn13.message(found))),
    )
}  # fmt: skip
DATASETS = {
    "fhir": gettext_lazy("FHIR bundles of prescriptions"),
    "omop": gettext_lazy("OMOP drug exposures of prescriptions"),
    "pn13": gettext_lazy("PN13-like JSON of prescriptions"),
}
"""What a job makes a dataset of; the lines themselves are the dataset of `start_export`."""
