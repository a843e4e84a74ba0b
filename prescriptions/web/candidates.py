"""The products that a line may mean, the likeliest first, each chosen by its number."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from prescriptions import engine
from prescriptions.engine import linking

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

    from prescriptions.engine.reference.catalogue import Reference

REASONS: dict[str, _StrPromise | str] = {
    "name": gettext_lazy("same name"),
    "substance": gettext_lazy("same substance"),
    "strength": gettext_lazy("same strength"),
    "part of the strengths": gettext_lazy("part of its strengths"),
    "other strength": gettext_lazy("another strength"),
    "form": gettext_lazy("same form"),
    "like form": gettext_lazy("a like form"),
    "other form": gettext_lazy("another form"),
    "route": gettext_lazy("same route"),
    "not marketed": gettext_lazy("no longer marketed"),
}


@dataclass(frozen=True)
class Candidate:
    """One product as it is offered; `slip` says that the strength that was read is a power of ten away."""

    number: int
    cis: str
    name: str
    percent: int
    reasons: str
    slip: str
    chosen: bool


def candidates(line: engine.Line, reference: Reference, chosen: str) -> list[Candidate]:
    """At most five; none for a line without a medicine."""
    return [
        Candidate(
            number,
            link.product.cis,
            link.product.name,
            round(link.score * 100),
            ", ".join(str(REASONS[reason]) for reason in link.reasons if reason in REASONS),
            slip(link.factor),
            link.product.cis == chosen,
        )
        for number, link in enumerate(linking.link_line(line, reference), 1)
    ]


def slip(factor: float | None) -> str:
    """What is wrong with a strength that is a power of ten away from the product's, in words."""
    if factor is None:
        return ""
    if factor > 1:
        return _("The strength that was read is %(times)s times that of the product.") % {"times": f"{factor:g}"}
    return _("The strength that was read is %(times)s times less than that of the product.") % {
        "times": f"{1 / factor:g}"
    }
