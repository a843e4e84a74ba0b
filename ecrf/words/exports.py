"""What exports have to say, in words: what a format can't hold, what was called otherwise, what is gone."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

EXPORTS = {
    "sheet_renamed": _("This sheet is called “%(name)s” in the file: its own name is too long, or taken."),
    "column_renamed": _("This column is called “%(name)s” in the file: its own name can’t stand there, or is taken."),
    "columns_left_out": _("%(count)s columns are left out: a sheet has no room for them."),
    "codes_numbered": _("The choices are numbered in their order: this format knows no texts as codes."),
    "too_many_cells": _("More than %(limit)s million cells are too many for this format: choose fewer pages, or CSV."),
    "text_cut": _("Texts longer than %(limit)s bytes are cut."),
    "goupile_events": _("Goupile knows no visits: they stand in two columns of ours, __event and __instance."),
    "statuses_left_out": _("This format has no place for statuses and comments: they are left out."),
    "statuses_beside": _("Statuses in place of values stand in columns of their own."),
    "status_without_code": _("There are more statuses than this format can tell apart: this one is only missing."),
    "rows_left_out": _("This format has no place for rows: these are left out."),
    "history_left_out": _("This format has no place for the history: it is left out."),
    "removed_since": _("This record was in the export before and was removed since."),
}
