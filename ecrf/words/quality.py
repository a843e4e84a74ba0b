"""What is said of data quality."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

QUALITY = {
    "blank": _("No value."),
    "wrong_calculation": _("The value that was kept is not what the calculation gives."),
    "missing_code": _("A reason for missing data stands here: %(status)s."),
    "outlier": _("Far from the other values: expected between %(low)s and %(high)s (%(count)s values)."),
    "own_rule": _("A rule of the study holds."),
    "rule_of_no_item": _("The rule reads no field: say which field it is about."),
}
