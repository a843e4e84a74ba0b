"""What is said of dictionaries that are loaded."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

DICTIONARIES = {
    "file_too_large": _("The file is too large: %(limit)s MB at most."),
    "too_many_terms": _("A dictionary has at most %(limit)s terms."),
    "no_terms": _("The file holds no term."),
    "code_twice": _("The code %(code)s is there twice."),
    "bad_term": _("The term %(code)s has no code or no label, or one that is too long."),
    "not_utf8": _("The file isn’t UTF-8: save it as UTF-8, then send it again."),
    "not_a_table": _("The file isn’t a table (CSV)."),
    "column_missing": _("The column “%(name)s” is missing."),
    "file_missing": _("The archive holds no file %(name)s."),
    "not_an_archive": _("This isn’t a ZIP archive that can be read."),
    "bad_line": _("This line doesn’t have the fields that it should."),
    "not_xml": _("This isn’t XML that can be read."),
}
KINDS = {
    "csv": _("Table (CSV): code, label, levels, synonyms"),
    "meddra": _("MedDRA (ZIP of .asc files)"),
    "atc": _("ATC (CSV: code, label)"),
    "icd10": _("ICD-10 (CSV: code, label)"),
    "claml": _("ClaML (XML)"),
}
