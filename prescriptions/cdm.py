"""The columns of OMOP `drug_exposure`, as a dataset has them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

CDM: dict[str, tuple[pa.DataType, _StrPromise]] = {
    "drug_exposure_id": (pa.int64(), _("Prescription and line")),
    "person_id": (pa.int64(), _("Number of the prescription in the project: it names nobody")),
    "drug_concept_id": (pa.int64(), _("Concept of the medicine; 0: none is mapped")),
    "drug_exposure_start_date": (pa.date32(), _("Date on the prescription")),
    "drug_exposure_end_date": (pa.date32(), _("Last day, or the first where no duration is written")),
    "verbatim_end_date": (pa.date32(), _("Last day by the duration that is written")),
    "drug_type_concept_id": (pa.int64(), _("Type of record: EHR prescription")),
    "stop_reason": (pa.string(), _("Reason of an end")),
    "refills": (pa.int32(), _("Repeats")),
    "quantity": (pa.float64(), _("Quantity to dispense")),
    "days_supply": (pa.int32(), _("Days of treatment or of supply")),
    "sig": (pa.string(), _("Posology in words")),
    "route_concept_id": (pa.int64(), _("Concept of the route; 0: none is mapped")),
    "drug_source_value": (pa.string(), _("CIS, or the name as it was read")),
    "drug_source_concept_id": (pa.int64(), _("Source concept of the medicine")),
    "route_source_value": (pa.string(), _("Route as it was read")),
    "dose_unit_source_value": (pa.string(), _("Unit of the dose as it was read")),
    "reviewed": (pa.bool_(), _("A person has reviewed it")),
}
