"""What is said of formulas."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

LOGIC = {
    "unreadable_logic": _("The formula can’t be read near “%(near)s”."),
    "unexpected": _("The formula has an unexpected “%(near)s”."),
    "formula_empty": _("Write a formula."),
    "formula_unfinished": _("The formula ends too soon: something is missing."),
    "unclosed_text": _("A quotation mark isn’t closed: %(near)s"),
    "unknown_aggregate": _(
        "“%(name)s” can’t go over rows: use sum, mean, median, min, max, any, all, first, last, join or count."
    ),
    "name_wanted": _("Put the name of a field between the parentheses of “%(name)s”."),
    "choice_written_out": _("Write the code of the choice between quotes, as %(name)s(field, '2')."),
    "literal_written_out": _("Write what “%(name)s” takes between quotes, as %(name)s('…')."),
    "expected": _("The formula lacks “%(wanted)s” before “%(near)s”."),
    "expression_too_deep": _("The formula is too long or too deep."),
    "unreadable_field": _("“[%(name)s]” is not the name of a field."),
    "other_event": _("“%(name)s” refers to another event: not supported, the text is kept."),
    "other_instance": _("“%(name)s” refers to another instance: not supported, the text is kept."),
    "event_before_this": _("“[%(name)s]” is taken among the events before this one that have a value."),
    "smart_variable": _("“[%(name)s]” is a smart variable of REDCap: not supported, the text is kept."),
    "piping": _("“[%(name)s]” asks for a label: not supported, the text is kept."),
    "form_status": _("“[%(name)s]” is the status of a form in REDCap: not supported, the text is kept."),
    "unknown_variable": _("There is no field named “%(name)s”."),
    "checkbox_without_choice": _("“[%(name)s]” has boxes: say which one, as [%(name)s(1)]."),
    "choice_of_no_checkbox": _("“[%(name)s]” has no boxes: leave out the parentheses."),
    "unknown_choice": _("“%(name)s” has no choice “%(choice)s”: this condition never holds."),
    "unknown_function": _("The function “%(name)s” is not supported: the text is kept."),
    "wrong_number_of_arguments": _("“%(name)s” has too many or too few arguments."),
    "wrong_argument": _("An argument of “%(name)s” isn’t understood."),
    "unknown_unit": _("The unit must be y, M, d, h, m or s, between quotes."),
    "type_clash": _("%(given)s can’t be used as %(wanted)s here."),
    "path_not_supported": _("Paths aren’t supported (“%(near)s”): the text is kept."),
    "pattern_not_supported": _("This regular expression isn’t supported: the text is kept."),
    "repeat_not_gathered": _("“%(name)s” is asked in rows: only count, sum, min and max of it are supported."),
    "text_is_no_number": _("“%(near)s” is not a number."),
    "text_is_no_boolean": _("“%(near)s” is neither 0 nor 1."),
    "text_is_no_date": _("“%(near)s” is not a date, as 2026-11-23."),
    "text_is_no_datetime": _("“%(near)s” is not a date and time, as 2026-11-23 14:05."),
    "text_is_no_time": _("“%(near)s” is not a time, as 14:05."),
    "text_is_no_partial": _("“%(near)s” is not a date, as 2026, 2026-11 or 2026-11-23."),
    "text_is_no_codes": _("Boxes can’t be compared with “%(near)s”."),
    "not_a_number": _("“%(near)s” is not a number."),
    "wrong_type": _("Argument %(argument)s of “%(name)s” can’t be of type %(given)s."),
    "types_differ": _("The sides of “%(name)s” don’t have the same type."),
    "wrong_result": _("The formula gives %(given)s where %(wanted)s is needed."),
    "wrong_kind_of_variable": _("“%(name)s” can’t be used this way."),
    "circle": _("These fields depend on each other in a circle: %(names)s."),
}
