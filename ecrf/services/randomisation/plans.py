"""From what the database holds of a scheme to the engine's plan: arms, and the levels of each factor."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from django.utils.translation import gettext as _

from core.access.models import Project, Site
from core.errors import Fault, Invalid
from ecrf import engine, messages
from ecrf.engine.randomisation import Arm, Factor, Plan
from ecrf.models import Scheme

SITE = "site"
"""The factor that is the site; no item that goes by this name may be a factor beside it."""


def plan_of(scheme: Scheme) -> Plan:
    """The plan of a scheme, with the choices and the sites that there are now."""
    return Plan(
        arms=tuple(Arm(arm["code"], arm["label"], arm["ratio"]) for arm in scheme.arms),
        factors=tuple(factors_of(scheme.project, scheme.form.published.loaded, scheme.strata, by_site=scheme.by_site)),
        sizes=tuple(scheme.sizes),
        weights={key: Fraction(str(weight)) for key, weight in scheme.weights.items()},
        measure=scheme.measure,
        probability=Fraction(str(scheme.probability)),
    )


def factors_of(project: Project, definition: engine.Definition, keys: Sequence[str], *, by_site: bool) -> list[Factor]:
    """Each item with the choices that are on offer, and the sites that include."""
    found = [Factor(key, offered(definition, key)) for key in keys if key in definition.items]
    if by_site:
        codes = Site.objects.filter(project=project, retired_at=None).values_list("code", flat=True)
        found.append(Factor(SITE, tuple(codes)))
    return found


def offered(definition: engine.Definition, key: str) -> tuple[str, ...]:
    return tuple(code for code, choice in definition.items[key].codes.items() if not choice.get("retired"))


def candidates(definition: engine.Definition) -> list[engine.Item]:
    """The items by which subjects can be stratified: those with one of some choices."""
    return [
        item
        for item in definition.items.values()
        if item.kind == "choice" and 2 <= len(offered(definition, item.key)) <= 50 and not item.spec.get("identifier")
    ]


def faults_of_strata(definition: engine.Definition, keys: Sequence[str], *, by_site: bool) -> list[Fault]:
    known = {item.key for item in candidates(definition)}
    codes = ["no_factor" for key in keys if key not in known]
    if len(set(keys)) < len(keys) or (by_site and SITE in keys):
        codes.append("factor_twice")
    return [Fault("strata", code, messages.words(code, {})) for code in codes]


def refuse(faults: Sequence[engine.Fault], message: Any = "") -> None:
    """Raises Invalid with these faults of the engine in words, if there are any."""
    if faults:
        raise Invalid([messages.of_definition(fault) for fault in faults], message or _("Nothing was saved."))


def shown(definition: engine.Definition, levels: Mapping[str, str], language: str) -> list[tuple[str, str]]:
    """Label of each factor and of its level, for people."""
    lines = []
    for key, code in levels.items():
        item = definition.items.get(key)
        if item is None:
            lines.append((str(_("Site")) if key == SITE else key, code))
            continue
        choice = item.codes.get(code)
        label = definition.text(choice["label"], language) if choice else ""
        lines.append((definition.text(item.spec["label"], language) or key, label or code))
    return lines
