"""What is said of randomisation."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

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
