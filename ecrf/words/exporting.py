"""The choices of exports in words."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

LEVELS = {
    "coded": _("Without what identifies persons"),
    "deidentified": _("De-identified: also without free text, dates shifted"),
    "full": _("With what identifies persons"),
}
HELD = {
    "coded": _("without identifiers"),
    "deidentified": _("de-identified"),
    "full": _("with identifiers"),
}
PAGES = {
    "all": pgettext_lazy("pages", "All, as far as they are"),
    "complete": pgettext_lazy("pages", "Only complete ones"),
    "signed": pgettext_lazy("pages", "Only signed ones"),
    "locked": pgettext_lazy("pages", "Only locked ones"),
}
CHANGES = {
    "all": _("New and changed records"),
    "new": _("New records only"),
    "changed": _("Changed records only"),
}
RHYTHMS = {
    "": _("Once, now"),
    "daily 03:00": _("Every night at 3"),
    "weekly mon 03:00": _("Every Monday night"),
    "monthly 1 03:00": _("On the first of each month"),
}
FORMATS = {
    "csv": _("A ZIP of one CSV file per table, with a codebook."),
    "xlsx": _("A workbook with a sheet per table, real dates and numbers, and a codebook."),
    "goupile-xlsx": _("A workbook as Goupile makes it, for scripts that read those."),
    "stata": _("Stata files with labels; reasons for missing values as .a, .b, …"),
    "spss": _("SPSS files with labels; reasons for missing values as missing codes."),
    "sas-xpt": _("SAS transport files, versions 5 and 8, with a program for the labels."),
    "r": _("CSV files, and a script that makes labelled data frames of them."),
    "redcap-csv": _("A file that REDCap imports."),
    "odm-1.3.2": _("CDISC ODM, with the history where it is wanted."),
    "odm-2.0": _("CDISC ODM 2.0, with the history where it is wanted."),
    "dataset-json": _("CDISC Dataset-JSON, a file per table."),
    "dataset-ndjson": _("CDISC Dataset-JSON as lines, a file per table."),
    "fhir-bundle": _("FHIR QuestionnaireResponses, one per record."),
    "pdf": _("One PDF per participant, to be archived."),
    "dataset": _("A dataset of the project, to be analysed here."),
}
