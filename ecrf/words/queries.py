"""What is said of queries."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

QUERIES = {
    "unknown_act": _("There is no such act."),
    "query_text": _("Write a few words: who reads the query must understand why."),
    "query_state": _("This can’t be done to a query that is %(state)s."),
    "holds_again": _("The value was changed, and the check holds again."),
    "no_subject": _("There is no subject with this number that you may see."),
    "no_event": _("“%(name)s” is not an event at which this subject has a record."),
    "no_form": _("There is no form with this key."),
    "form_missing": _("Several forms have this field: name the form in a column “form”."),
    "no_record": _("Nothing was entered here yet: there is no record to ask about."),
    "no_instance": _("Write the number of the copy, 1 or more."),
    "field_elsewhere": _("This field is not on the page “%(page)s”."),
    "nothing_asked": _("Name a field or a page."),
    "assign_unknown": _("Write an e-mail address of somebody who sees the record, or site, monitors or managers."),
    "column_not_read": _("This isn’t a column of a file of queries: rename it or take it out."),
    "may_not_open": _("You may not open queries at this subject’s site."),
    "may_not_assign": _("You may not assign queries at this subject’s site."),
    "too_many_lines": _("At most %(limit)s rows in one file."),
}
