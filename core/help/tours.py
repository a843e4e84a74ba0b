"""Guided tours: what an app shows of itself, step by step on its own pages, as far as one person may go."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.urls import reverse

from core import access, tool
from core.accounts.models import User

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.http import HttpRequest
    from django.utils.functional import _StrPromise

    from core.access.models import Project
    from core.access.scope import Actor

WHOLE = "portal"
"""The app whose tour is about the whole suite: it is taken where an app has none of its own."""


@dataclass(frozen=True)
class Tour:
    """A tour as a page offers it."""

    app: str
    label: _StrPromise | str
    """The name of the tool; empty for that of the whole suite."""
    begins_here: bool


def of_page(request: HttpRequest, project: Project | None) -> Tour | None:
    """The tour that fits the page one is on."""
    match = request.resolver_match
    if match is None or not isinstance(request.user, User):
        return None
    tours, labels = tool.tours(), {config.label: config.label_ for config in tool.tools()}
    app = match.app_name if match.app_name in tours and (project or match.app_name not in labels) else WHOLE
    return Tour(app, labels.get(app, ""), tours[app][0].page == match.view_name)


def steps(actor: Actor, app: str, project: Project | None) -> list[dict[str, str]]:
    """Address, target and words of each step; without those on pages that the actor may not open."""
    of_tool = app in {config.label for config in tool.tools()}
    if of_tool and project is None:
        return []
    return [
        {
            "page": reverse(step.page, args=[project.slug] if of_tool and project else []),
            "target": step.target,
            "title": str(step.title),
            "text": str(step.text),
        }
        for step in allowed(actor, tool.tours().get(app, ()), project)
    ]


def allowed(actor: Actor, found: Sequence[tool.Step], project: Project | None) -> list[tool.Step]:
    held = access.abilities(actor, project) if project is not None else frozenset()
    return [step for step in found if not step.needs or step.needs in held]
