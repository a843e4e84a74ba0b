"""What is said of files of records and of page scripts at a save; only the server says it."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

RECORDS = {
    "unknown_file": _("This file isn’t one that was sent for this question: send it again."),
    "file_of_record_too_large": _("This file is too large: %(limit)s MB at most."),
    "script_failed": _(
        "The script of the page “%(page)s” was stopped. %(why)s Nothing was saved, and what you typed is kept: "
        "those who made the form are told."
    ),
    "script_too_many_names": _("The script of this page asks for too many different fields: %(limit)s at most."),
}
