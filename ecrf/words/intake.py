"""What is said of files of data on their way in, of the numbers of subjects and of their arms."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

IMPORTS = {
    "site_needed": _("This subject is new: name his site, or choose one for all new subjects."),
    "site_twice": _("This subject is new, and his rows name several sites."),
    "subject_elsewhere": _("This subject is at the site %(site)s."),
    "number_taken": _("Another subject has this number."),
    "record_removed": _("This record was removed from the study: restore it first."),
    "page_not_yours": _("You may not change this page."),
    "page_signed": _("This page is signed: choose to save all the same, and the signature will no longer hold."),
    "said_otherwise": _("This isn’t what %(place)s of another sheet says of the same field."),
    "sheet_without_subject": _("This sheet has no column “subject”: it was not read."),
    "unknown_option": _("There is no such choice."),
    "number_check": _("The check digit is wrong: look at the number again."),
    "number_pattern": _("This isn’t what the numbers of this study look like."),
}

NUMBERS = {
    "not_typed": _("The numbers of this study are given by its rule: leave the number out."),
    "number_long": _("The number by the study’s rule would be too long here: the rule must be changed."),
    "pattern_signs": _("Besides the parts in braces, write letters, digits, spaces and - _ . / only."),
    "pattern_sequence": _("The pattern needs {sequence} once, for example {sequence:03}."),
    "pattern_site": _("Where each site counts for itself, the pattern needs {site}: else numbers would come twice."),
    "pattern_check": _("{check} stands at the end of the pattern, where a check digit is chosen."),
    "pattern_unreadable": _("This isn’t a regular expression that can be used here."),
    "arm_needed": _("The pattern needs the arm of a subject when he is included: this form has no arms."),
}

ARMS = {
    "arm_unknown": _("The form has no such arm."),
    "arms_of_blinded": _(
        "A blinded scheme can’t set the arm of the form: who sees the visits of a subject would know his treatment."
    ),
    "arms_not_all": _("Say for each arm of the scheme which arm of the form it is."),
    "form_without_arms": _("This form has no arms."),
}

WORDS = {**IMPORTS, **NUMBERS, **ARMS}
