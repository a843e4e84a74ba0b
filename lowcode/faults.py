"""What the engine found wrong, in the reader's words."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.errors import Fault, Invalid
from lowcode.engine.faults import Finding

KINDS = {
    "integer": gettext_lazy("whole numbers"),
    "number": gettext_lazy("numbers"),
    "text": gettext_lazy("texts"),
    "boolean": gettext_lazy("yes or no"),
    "date": gettext_lazy("dates"),
    "datetime": gettext_lazy("dates with a time"),
}
MESSAGES = {
    "required": gettext_lazy("This part is missing."),
    "unknown_part": gettext_lazy("A query has no such part."),
    "not_a_choice": gettext_lazy("This is not one of the choices: %(choices)s."),
    "wrong_type": gettext_lazy("This has the wrong type."),
    "bad_name": gettext_lazy("A name has small letters without accents, digits and _, and begins with a letter."),
    "out_of_bounds": gettext_lazy("This value is out of bounds."),
    "too_deep": gettext_lazy("Conditions nest at most %(most)s deep."),
    "unknown_column": gettext_lazy("The dataset has no column “%(column)s”."),
    "unclear_column": gettext_lazy("Another column differs from “%(column)s” only by capitals: rename one of them."),
    "operator_unsuited": gettext_lazy("This comparison does not suit “%(column)s”, which holds %(kind)s."),
    "wrong_number_of_values": gettext_lazy("Give a value to compare with."),
    "wrong_value": gettext_lazy("“%(column)s” holds %(kind)s: give a value of that kind."),
    "bounds_reversed": gettext_lazy("The first bound is above the second."),
    "classes_conflict": gettext_lazy("Choose one way to class “%(column)s”."),
    "bin_unsuited": gettext_lazy("Only numbers have classes of a width; “%(column)s” holds %(kind)s."),
    "breaks_unsorted": gettext_lazy("Give the bounds of the classes in rising order, each once."),
    "truncate_unsuited": gettext_lazy("“%(column)s” holds %(kind)s, which this period does not suit."),
    "top_unsuited": gettext_lazy(
        "Only texts and whole numbers have most frequent values; “%(column)s” holds %(kind)s."
    ),
    "nothing_measured": gettext_lazy("Choose at least one measure."),
    "quantile_at": gettext_lazy("A quantile, and only a quantile, says where: between 0 and 1."),
    "column_unneeded": gettext_lazy("This measure counts rows: it takes no column."),
    "measure_unsuited": gettext_lazy("This measure does not suit “%(column)s”, which holds %(kind)s."),
    "name_taken": gettext_lazy("Two columns of the result are called “%(name)s”."),
    "name_reserved": gettext_lazy("“%(name)s” means something else in the code: choose another name."),
    "unknown_output": gettext_lazy("The result has no column “%(name)s” to sort by."),
    "order_unsuited": gettext_lazy(
        "The result can’t be sorted by “%(name)s”: choose one of its quantiles as a measure."
    ),
}


def fault(finding: Finding, prefix: str = "query") -> Fault:
    values = {name: _kind(value) if name == "kind" else value for name, value in finding.values.items()}
    place = ".".join(filter(None, (prefix, finding.place)))
    return Fault(place, finding.code, str(MESSAGES[finding.code]) % values)


def _kind(value: object) -> str:
    return str(KINDS[str(value)])


def invalid(findings: Iterable[Finding]) -> Invalid:
    """Every fault of a query, at its place in the JSON."""
    return Invalid([fault(finding) for finding in findings], _("The question can’t be asked as it stands."))
