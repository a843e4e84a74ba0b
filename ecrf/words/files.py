"""What is said of files that are read."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

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
