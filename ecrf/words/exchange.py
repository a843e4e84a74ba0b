"""What the formats of forms have to say, in words: faults of files, and what one format says and another doesn't."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

READING = {
    "format_not_told": _("The format of this file can’t be told: name it, one of %(formats)s."),
    "format_unknown": _("“%(format)s” is not a format. There are: %(formats)s."),
    "format_not_here": _("The format %(format)s isn’t available here."),
    "not_utf8": _("The file isn’t in UTF-8: save it so, then send it again."),
    "not_json": _("The file can’t be read as JSON (%(detail)s)."),
    "not_yaml": _("The file can’t be read as YAML (%(detail)s)."),
    "not_a_definition": _("This JSON is not a form: it needs a title, languages and pages."),
    "not_a_questionnaire": _("This JSON is not a FHIR Questionnaire that can be read."),
    "not_a_workbook": _("This file can’t be read as a workbook: it is damaged, or of another kind."),
    "unfolds_too_far": _("This workbook unfolds to more than %(limit)s MB: it was not read."),
    "too_deep": _("The file holds more than %(limit)s levels, one inside the other."),
    "too_many_columns": _("This sheet has more than %(limit)s columns."),
    "too_much_yaml": _("The file has more than %(limit)s parts."),
    "xlsform_refused": _("This is not an XLSForm that can be used: %(detail)s"),
    "no_responses": _("This JSON holds no QuestionnaireResponse."),
    "one_answer": _("One answer is taken, not several."),
    "translation_elsewhere": _("Only a REDCap dictionary takes its translation from a second file."),
    "name_again": _("“%(name)s” comes twice: the second one gets another name."),
}

TEXT = {
    "alias_refused": _("Anchors and aliases (& and *) are not taken: write the part out."),
    "tag_refused": _("“%(name)s” is a type of YAML: only texts, lists and mappings are taken."),
    "one_document": _("A second document begins here: a file holds one form."),
    "key_no_text": _("The name of a property must be a text."),
    "said_twice": _("“%(name)s” is said twice here."),
    "unknown_property": _("“%(name)s” is not known here. There are: %(known)s."),
    "value_empty": _("A value is missing here."),
    "type_missing": _("Say the type of the question, one of: %(wanted)s."),
    "not_a_language": _("“%(name)s” is not a language, as en or fr."),
    "wanted_text": _("Write a text here."),
    "wanted_words": _("Write a text here, or one per language."),
    "wanted_whole": _("Write a whole number here."),
    "wanted_flag": _("Write %(wanted)s here, or leave it out."),
    "wanted_one_of": _("“%(given)s” is not one of: %(wanted)s."),
    "wanted_list": _("Write a list here."),
    "wanted_map": _("Write properties and their values here."),
    "wanted_formula": _("Write a formula here."),
    "unknown_context": _("A context has no “%(name)s”."),
}

KEPT = {
    "not_in_format": _("This format has no word for “%(property)s”: it is left out."),
    "xlsform_says": _("The reader of XLSForms remarks: %(detail)s"),
    "kept_as_text": _("The type “%(type)s” isn’t known here: the answer is taken as a text."),
    "device_fills_in": _("“%(type)s” is filled in by a device: the field stays hidden and empty."),
    "choices_elsewhere": _("The choices “%(list)s” aren’t in the file: the answer is taken as a text."),
    "open_choice": _("Only the choices of the list are taken, not a text besides."),
    "repeats_not_carried": _("One answer is taken, not several."),
    "repeat_in_repeat": _("A repeat inside a repeat: its questions are asked once per row of the outer one."),
    "count_not_carried": _("The number of rows isn’t computed (%(text)s): rows are added as needed."),
    "step_not_carried": _("Steps of %(step)s aren’t kept to: any number between the limits is taken."),
    "parameter_not_carried": _("These parameters have no effect here: %(name)s."),
    "appearance_kept": _("The appearance “%(name)s” has no effect here; it is kept for an export."),
    "filter_of_twice": _("This filter can’t be used with choices of the same name: all are offered, its text is kept."),
    "column_kept": _("“%(name)s” has no effect here; it is kept for an export."),
    "default_not_carried": _("This default can’t be used here: the field begins empty."),
    "formula_kept": _("This formula can’t be used here, its text is kept: %(text)s"),
}

WORDS = {**READING, **TEXT, **KEPT}
