"""What is said of a form."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

DEFINITION = {
    "not_an_expression": _("This isn’t an expression."),
    "bad_literal": _("“%(value)s” can’t be read."),
    "choices_misplaced": _("Choices belong to fields with one or several choices, and only to them."),
    "unknown_format": _("The format “%(format)s” is not known."),
    "calc_misplaced": _("A field of this type can’t be computed."),
    "range_misplaced": _("A field of this type has no minimum or maximum."),
    "default_misplaced": _("A field of this type has no default."),
    "coding_misplaced": _("Only a text is coded with a dictionary."),
    "no_page": _("The form has no page yet: add one."),
    "group_empty": _("This section asks nothing: give it a question, or take it out."),
    "no_choice": _("There is no choice yet: write at least one."),
    "no_arm": _("Choose an arm, or let all arms have this visit."),
    "no_language": _("The form has no language."),
    "bad_key": _("“%(name)s” can’t be a key: letters without accents, digits and _, beginning with a letter."),
    "part_missing": _("“%(name)s” is missing here."),
    "title_missing": _("This page has no title."),
    "label_missing": _("“%(name)s” has no label."),
    "choice_label_missing": _("The choice “%(choice)s” has no label."),
    "unknown_event": _("There is no event named “%(name)s”."),
    "unknown_repeat": _("There is no repeat and no repeating page named “%(name)s”."),
    "unknown_attribute": _("No choice has an attribute “%(name)s”."),
    "choice_outside_filter": _("Only the filter of choices can look at a choice."),
    "unknown_shift": _("Write the unit between quotes, one of: %(units)s."),
    "files_misplaced": _("Only a field that takes a file has kinds and a size of files."),
    "unknown_image": _("The form has no image named “%(name)s”."),
    "ranked_misplaced": _("Only a table of fields with one choice each can put choices in order."),
    "bad_pattern": _("The pattern can’t be used from its character %(place)s on."),
}
