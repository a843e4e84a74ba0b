"""The cells of the grid, put together here: a page of it has thousands, and a template for each would take longer than
all the rest."""

from __future__ import annotations

from functools import lru_cache
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from core.web.templatetags.web import icon
from ecrf.models import Form
from ecrf.overview import Column, Group, Row, Signs
from ecrf.progress import Progress


def row_cells(form: Form, project: str, row: Row, groups: list[tuple[Group, bool]]) -> SafeString:
    """Every cell of a subject: one for each page of an open event, one for each closed event."""
    address = reverse("ecrf:entry", args=[project, row.subject.pk, form.key])
    found = []
    for group, is_open in groups:
        if is_open:
            found += [page_cell(address, row, group, column) for column in group.columns]
        else:
            found.append(event_cell(address, row, group))
    return SafeString("".join(found))


def page_cell(address: str, row: Row, group: Group, column: Column) -> str:
    if column.page in row.hidden:
        return "<td></td>"
    entries = row.of(column)
    place = {"event": column.event, "of" if column.copied else "page": column.page}
    words = [f"{group.title} · {column.title}" if column.event else column.title]
    signs = row.signs.get((column.event, column.page), NOTHING)
    number = str(len(entries)) if len(entries) > 1 else ""
    tags = frozenset(tag for one in entries for tag in one.tags)
    return cell(address, place, row, words, row.progress(column), signs, tags, number, late=False)


def event_cell(address: str, row: Row, group: Group) -> str:
    signs = Signs()
    for (event, _page), one in row.signs.items():
        if event == group.event:
            signs.queries += one.queries
            signs.signed, signs.locked = signs.signed or one.signed, signs.locked or one.locked
            signs.verified, signs.lapsed = signs.verified or one.verified, signs.lapsed or one.lapsed
    late = group.event in row.overdue
    where = {"event": group.event}
    return cell(address, where, row, [group.title], row.at(group.event), signs, row.tags(group.event), "", late=late)


NOTHING = Signs()


def cell(
    address: str,
    place: dict[str, str],
    row: Row,
    words: list[str],
    progress: Progress,
    signs: Signs,
    tags: frozenset[str],
    number: str,
    *,
    late: bool,
) -> str:
    query = urlencode({name: value for name, value in place.items() if value})
    more, said = badges(
        get_language() or "",
        signs.queries,
        tags & {"draft", "wait", "check"},
        (signs.signed, signs.locked and progress.look != "locked", signs.verified, signs.lapsed, late),
    )
    title = f"{row.subject.number} · {words[0]}: {progress.word}{said}"
    label = escape(title)
    return (
        f'<td><a class="grid-cell" href="{address}?{escape(query)}" title="{label}">'
        f'<span class="state state-{progress.look} state-mark">{icon(progress.icon)}</span>'
        f'<span class="visually-hidden">{label}</span>{more}'
        f"{f'<span class=grid-number>{number}</span>' if number else ''}</a></td>"
    )


@lru_cache(maxsize=2048)
def badges(language: str, queries: int, tags: frozenset[str], flags: tuple[bool, ...]) -> tuple[str, str]:
    """Small signs after the state, and the words for them."""
    signed, locked, verified, lapsed, late = flags
    shown: list[tuple[Any, str, str]] = []
    if queries:
        shown.append(
            (
                icon("message-question"),
                str(queries),
                ngettext("%(n)s open query", "%(n)s open queries", queries) % {"n": queries},
            )
        )
    for held, mark, said in (
        (late, icon("calendar-exclamation"), _("visit overdue")),
        (locked, icon("lock"), _("locked")),
        (signed, icon("signature"), _("signed")),
        (verified and not lapsed, icon("shield-check"), _("verified")),
        (lapsed, icon("shield-x"), _("changed since it was verified")),
        ("draft" in tags, icon("pencil"), _("draft")),
        ("wait" in tags, icon("clock"), _("pending")),
        ("check" in tags, icon("eye-question"), _("to verify")),
    ):
        if held:
            shown.append((mark, "", said))
    html = "".join(
        format_html('<span class="grid-badge" aria-hidden="true">{}{}</span>', mark, text)
        for mark, text, _said in shown
    )
    return html, "".join(f", {said}" for _mark, _text, said in shown)
