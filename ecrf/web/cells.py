"""The cells of the grid of subjects: how far one entry, or one page of it, is, and the way there.

A grid has hundreds of them: each is put together here, because a template for each would take longer than all the rest.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING
from urllib.parse import urlencode
from uuid import UUID

from django.urls import reverse
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString

from core.web.templatetags.web import icon
from ecrf.progress import Progress

if TYPE_CHECKING:
    from core.access.models import Project
    from ecrf.models import Subject

SOMEBODY = UUID(int=0)
"""Stands in the address for the subject."""


def progress_cell(
    project: Project, form: str, title: str, progress_of: Callable[[Subject], Progress], **place: str
) -> Callable[[Subject], SafeString]:
    """Shows a subject's progress as a sign that leads to the entry; the word and the counts for who can't see it."""
    before, after = reverse("ecrf:entry", args=[project.slug, SOMEBODY, form]).split(str(SOMEBODY))
    after += f"?{urlencode(place)}" if place else ""

    @cache
    def sign(progress: Progress) -> tuple[str, str]:
        """What stands before and after the number of the subject."""
        counts = SafeString("")
        if progress.answered and progress.look != "done":
            shares = (progress.answered, progress.shown)
            counts = format_html('<span class="cell-count" aria-hidden="true">{}/{}</span>', *shares)
        return (
            format_html('{}" title="', after),
            format_html(
                ' · {} : {}"><span class="state state-{} state-mark">{}</span>'
                '<span class="visually-hidden">{} : {}</span>{}</a>',
                *(title, progress.word, progress.look, icon(progress.icon), title, progress.word, counts),
            ),
        )

    def cell(subject: Subject) -> SafeString:
        middle, end = sign(progress_of(subject))
        return SafeString(f'<a class="cell-progress" href="{before}{subject.pk}{middle}{escape(subject.number)}{end}')

    return cell
