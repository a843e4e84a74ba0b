"""Every code of the engine in words: what happened, and what to do. The browser's twin is ``messages.js``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.functional import lazystr
from django.utils.translation import gettext_lazy as _

from core.errors import Fault
from ecrf import engine, exchange_words, format_words
from ecrf.goupile_messages import GOUPILE

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
    "comment_too_long": _("A comment has at most %(limit)s characters."),
}

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

FILES = {
    "file_too_large": _("The file is larger than %(limit)s MB."),
    "file_empty": _("The file has no field."),
    "not_csv": _("The file can’t be read as CSV (%(detail)s)."),
    "not_text_file": _("This isn’t a text file: export the dictionary as CSV."),
    "encoding_guessed": _("The file isn’t in UTF-8: it was read as %(encoding)s. Check the accents."),
    "too_many_rows": _("The file has more than %(limit)s fields."),
    "column_missing": _("This column is missing."),
    "column_twice": _("This column comes twice."),
    "column_unknown": _("This column isn’t one of REDCap’s: it was not read."),
    "cell_count": _("This row has %(given)s cells instead of %(wanted)s: check quotes and commas."),
    "cell_empty": _("This cell can’t be empty."),
    "bad_name": _("“%(name)s” can’t be a name: small letters, digits and _, beginning with a letter."),
    "name_twice": _("The name “%(name)s” is already used in row %(first)s."),
    "unknown_page_named": _("There is no page “%(name)s” here."),
    "unknown_arm": _("There is no arm “%(name)s”."),
    "unknown_date_item": _("“%(name)s” is no date of the form."),
    "unknown_list": _("There is no shared list “%(name)s”."),
    "unknown_look": _("“%(name)s” is not a way to show this type of question."),
    "page_empty": _("This page asks nothing: give it a question, or take it out."),
    "repeated_key": _("The column “%(name)s” would come twice in the data."),
    "unknown_field_type": _("“%(name)s” is not a field type of REDCap."),
    "choices_missing": _("Write the choices, as: 1, Yes | 2, No."),
    "choice_without_code": _("The choice “%(choice)s” has no code: write it as 1, Yes."),
    "bad_choice_code": _("“%(choice)s” can’t be a code: letters, digits, _ . -"),
    "choice_twice": _("The code “%(choice)s” comes twice."),
    "calc_missing": _("The calculation is missing."),
    "bad_flag": _("Write y or nothing, not “%(given)s”."),
    "limit_not_carried": _("A limit on a field that is neither a number nor a date: not used, the text is kept."),
    "unknown_validation": _("The validation “%(name)s” is not known: the field takes any text."),
    "sql_not_run": _("SQL fields aren’t run: the field can’t be filled in, its text is kept."),
    "tag_not_supported": _("%(name)s is not supported: the text is kept."),
    "text_too_long": _(
        "This text is longer than %(limit)s characters, its markup included: it was not read. Shorten it."
    ),
    "markup_removed": _("HTML was removed from a text."),
    "piping_not_supported": _("Values aren’t put into texts: the brackets are shown as they are."),
    "form_interrupted": _("The fields of “%(name)s” don’t follow each other: they were put together."),
    "translation_of_nothing": _("“%(name)s” is translated but not in the dictionary."),
    "translation_missing": _("“%(name)s” has no translation (%(language)s)."),
    "schema": _("The definition isn’t valid: %(detail)s"),
}

DEFINITION = {
    "not_an_expression": _("This isn’t an expression."),
    "bad_literal": _("“%(value)s” can’t be read."),
    "choices_misplaced": _("Choices belong to fields with one or several choices, and only to them."),
    "unknown_format": _("The format “%(format)s” is not known."),
    "calc_misplaced": _("A field of this type can’t be computed."),
    "range_misplaced": _("A field of this type has no minimum or maximum."),
    "default_misplaced": _("A field of this type has no default."),
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
    "bad_pattern": _("The pattern can’t be used from its character %(place)s on."),
}

INSPECTION = {
    "never_shown": _("This is never shown: “%(formula)s” can’t hold."),
    "page_never_shown": _("This page is never shown: “%(formula)s” can’t hold."),
    "never_holds": _("“%(formula)s” can’t hold."),
    "always_holds": _("“%(formula)s” always holds: leave it out, or correct it."),
    "check_never_holds": _("This check always complains: “%(formula)s” can’t hold."),
    "always_empty": _("This formula is always empty: %(formula)s"),
    "dead_branch": _("“%(way)s” is never reached, because of “%(formula)s”."),
    "dead_part": _("“%(formula)s” can’t hold: this part of the condition is useless."),
    "compared_with_itself": _("A field is compared with itself: %(formula)s"),
    "range_empty": _("No value of “%(name)s” is between its minimum and its maximum."),
    "asked_later": _("“%(name)s” is asked further down: the condition is unknown until then."),
    "reads_nothing": _("“%(name)s” never has a value."),
    "not_asked_together": _("“%(name)s” isn’t asked at the same events: write %(name)s@event, or previous(%(name)s)."),
    "not_asked_there": _("“%(name)s” isn’t asked at the event “%(event)s”."),
    "never_asked_before": _("“%(name)s” isn’t asked at any earlier event."),
    "page_never_asked": _("No event has the page “%(name)s”: it is never filled in."),
    "list_unused": _("No field uses the list “%(name)s”."),
}

RANDOMISATION = {
    "number_of_arms": _("Name two arms at least, and %(limit)s at most."),
    "bad_arm_code": _("“%(name)s” can’t be the code of an arm: letters, digits, _ . - and at most 20."),
    "arm_twice": _("The arm “%(name)s” comes twice."),
    "arm_without_label": _("Say what the arm “%(name)s” is."),
    "bad_ratio": _("The ratio of “%(name)s” is a whole number from 1 to %(limit)s."),
    "no_factor": _("Subjects are told apart by questions with one of some choices; choose among those."),
    "factor_twice": _("The same thing is named twice among the strata."),
    "factor_without_levels": _("“%(name)s” has no choice on offer."),
    "factors_missing": _("Minimisation needs something to balance: choose a question or the site."),
    "too_many_strata": _("This makes %(count)s strata, and %(limit)s are the most: choose fewer, or minimisation."),
    "sizes_missing": _("Give the sizes of the blocks, multiples of %(whole)s."),
    "size_breaks_ratio": _("A block of %(size)s can’t hold the ratio: take multiples of %(whole)s."),
    "block_too_large": _("A block of %(size)s is too large: %(limit)s at most."),
    "length_missing": _("Say how many places each stratum needs."),
    "table_too_long": _("This makes %(count)s places, and %(limit)s are the most."),
    "table_not_longer": _("The lists have %(limit)s places already: a table only becomes longer."),
    "bad_probability": _("The probability lies above %(limit)s, and is at most 1."),
    "unknown_measure": _("“%(name)s” is no measure of imbalance."),
    "weight_of_nothing": _("“%(name)s” has a weight but isn’t balanced."),
    "bad_weight": _("The weight of “%(name)s” is a number above 0, at most 100."),
    "table_empty": _("The file has no place of a table."),
    "unknown_column": _("The scheme has no such column."),
    "unknown_arm": _("“%(name)s” is not the code of an arm."),
    "unknown_level": _("“%(name)s” is not one of the choices."),
    "bad_kit": _("A kit number has at most %(limit)s characters."),
    "kit_twice": _("The kit number “%(name)s” is already in row %(first)s."),
    "stratum_without_rows": _("No place for %(name)s: such subjects can’t be randomised."),
    "ratio_not_kept": _("The arms don’t come out at their ratio for %(name)s."),
    "page_incomplete": _("Complete the page “%(name)s” first."),
    "factor_missing": _("“%(name)s” is not answered."),
    "not_eligible": _("The subject doesn’t meet the condition of this randomisation."),
}

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

QUALITY = {
    "blank": _("No value."),
    "wrong_calculation": _("The value that was kept is not what the calculation gives."),
    "missing_code": _("A reason for missing data stands here: %(status)s."),
    "outlier": _("Far from the other values: expected between %(low)s and %(high)s (%(count)s values)."),
    "own_rule": _("A rule of the study holds."),
    "rule_of_no_item": _("The rule reads no field: say which field it is about."),
}

WORDS: Mapping[str, Any] = {
    **GOUPILE,
    **exchange_words.WORDS,
    **format_words.DATA,
    **VALUES,
    **FILES,
    **format_words.FORMATS,
    **DEFINITION,
    **INSPECTION,
    **LOGIC,
    **RANDOMISATION,
    **QUERIES,
    **QUALITY,
}
DATA: Mapping[str, Any] = {**FILES, **VALUES, **format_words.DATA}
"""What is said of the cells of a file of data."""
TYPES = {
    "number": _("numeric value"),
    "text": _("text"),
    "boolean": _("boolean"),
    "date": _("date"),
    "datetime": _("datetime"),
    "time": _("time"),
    "codes": _("codes"),
    "partial": _("partial date"),
    "null": _("nothing"),
}


def words(code: str, params: Mapping[str, Any], *, of: Mapping[str, Any] = WORDS) -> Any:
    """The message of a code, translated when it is shown."""
    text = of.get(code) or WORDS[code]
    return lazystr(LazyMessage(text, params)) if params else text


TYPED = frozenset({"given", "wanted"})
"""Parameters that may be the name of a type."""


class LazyMessage:
    """A message put into words in the reader's language, at the moment it is read."""

    def __init__(self, text: Any, params: Mapping[str, Any]) -> None:
        self.text, self.params = text, params

    def __str__(self) -> str:
        if not self.params:
            return str(self.text)
        named = {name: str(TYPES.get(value, value)) if name in TYPED else value for name, value in self.params.items()}
        return str(self.text) % named


def of_finding(finding: engine.Finding, definition: engine.Definition, language: str) -> Any:
    """What to tell about a value: the author's words for a check, ours otherwise."""
    if finding.message and (text := definition.text(finding.message, language)):
        return text
    return words(finding.code, finding.params, of=VALUES)


def of_definition(fault: engine.Fault) -> Fault:
    """A fault of a file or of a definition."""
    return Fault(fault.place, fault.code, words(fault.code, fault.params))
