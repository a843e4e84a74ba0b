"""What is said of values that are entered."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

VALUES = {
    "required": _("Fill in this field."),
    "unknown_variable": _("This form has no such field."),
    "computed": _("The form computes this field: it can’t be written."),
    "readonly": _("This field can’t be changed by hand."),
    "holds_no_value": _("This is a text of the form: it holds no value."),
    "not_text": _("Write a text here."),
    "not_whole": _("Write a whole number, for example 12."),
    "not_number": _("Write a number, for example 12.5."),
    "not_date": _("Write a date that exists, as year-month-day."),
    "not_datetime": _("Write a date that exists and a time."),
    "not_time": _("Write a time between 00:00 and 23:59."),
    "not_list": _("Send the list of the ticked codes."),
    "unknown_choice": _("“%(choice)s” is not one of the choices."),
    "exclusive_choice": _("One of these choices excludes the others: untick it, or the others."),
    "too_many_ticked": _("Tick at most %(limit)s."),
    "too_long": _("This is too long: %(limit)s characters at most."),
    "too_large": _("This number is too large."),
    "too_many_decimals": _("At most %(limit)s decimals."),
    "one_line_only": _("Write this on one line."),
    "control_character": _("This text holds characters that can’t be shown: type it again."),
    "bad_format": _("This isn’t written as expected (%(format)s)."),
    "below_min": _("This is below %(limit)s: check the value."),
    "above_max": _("This is above %(limit)s: check the value."),
    "retired_choice": _("This choice is no longer offered."),
    "hidden_value": _("This value is kept, but the answers given hide its question."),
    "check_failed": _("This doesn’t agree with other answers."),
    "too_many_values": _("Too many fields in one go."),
    "unknown_page": _("This form has no such page."),
    "hidden_page": _("With this, something no longer fits on a page that you don’t see: ask somebody who sees it."),
    "unknown_sheet": _("The study has no such page at this event."),
    "not_partial_date": _("Write a year, a month of a year or a date: 2026, 2026-05 or 2026-05-17."),
    "not_rows": _("Send the list of the rows."),
    "too_many_rows": _("At most %(limit)s rows."),
    "too_few_rows": _("At least %(limit)s rows are needed."),
    "too_few_ticked": _("Tick at least %(limit)s."),
    "not_offered": _("This choice doesn’t go with the other answers."),
    "bad_pattern_text": _("This isn’t written as it should be."),
    "not_digits": _("Write digits only."),
    "locked": _("This is locked: unlock it first, with a reason."),
    "no_notes_here": _("This question takes no status and no comment."),
    "unknown_status": _("This status doesn’t exist in this study."),
    "unknown_file": _("This file isn’t one that was sent for this question: send it again."),
    "file_of_record_too_large": _("This file is too large: %(limit)s MB at most."),
    "script_failed": _(
        "The script of the page “%(page)s” was stopped. %(why)s Nothing was saved, and what you typed is kept: "
        "those who made the form are told."
    ),
    "script_too_many_names": _("The script of this page asks for too many different fields: %(limit)s at most."),
    "ranked_twice": _("“%(choice)s” is given to another line too: each rank is given once."),
    "comment_too_long": _("A comment has at most %(limit)s characters."),
}
