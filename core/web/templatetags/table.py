"""The cells of a list's row.

They are put together here: a list has hundreds, and going through them in a template took most of its page's time.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from django.template import Context, Library
from django.template.base import render_value_in_context
from django.utils.html import format_html
from django.utils.safestring import SafeString

from core.web.templatetags.web import number

if TYPE_CHECKING:
    from core.web.table import Column, Table

register = Library()


@register.simple_tag(takes_context=True)
def cells(context: Context, table: Table, row: Any) -> SafeString:
    """Every shown column of the row."""
    return SafeString(
        "".join(
            f"{_opening(str(column.label), column.numeric, column.link)}{_inside(column, row, context)}</td>"
            for column in table.shown
        )
    )


@lru_cache(maxsize=1024)
def _opening(label: str, numeric: bool, link: bool) -> SafeString:
    """On a phone a row is a card, on which each value but the name says what it is."""
    css = "cell-number" if numeric else "cell-name" if link else ""
    said = format_html(' data-label="{}"', label) if not link else ""
    return format_html('<td role="cell"{}{}>', said, format_html(' class="{}"', css) if css else "")


def _inside(column: Column, row: Any, context: Context) -> str:
    """Nothing but what is shown: a card leaves out the cells that are empty."""
    if column.html:
        return column.html(row)
    value = column.of(row)
    if column.template:
        assert context.template is not None
        with context.push(row=row, column=column, value=value):
            return context.template.engine.get_template(column.template).render(context).strip()
    if column.link:
        return format_html('<a href="{}">{}</a>', row.get_absolute_url(), render_value_in_context(value, context))
    shown = number(value) if column.numeric else "" if value is None else value
    return render_value_in_context(shown, context)
