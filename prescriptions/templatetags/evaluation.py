"""Words of the evaluation that several of its pages say."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import template
from django.utils.translation import gettext as _

from core.web.templatetags.web import percent
from prescriptions.web.figures import FIELDS

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

register = template.Library()


@register.filter
def field_word(name: str) -> _StrPromise | str:
    """A compared field in words."""
    return FIELDS.get(name, name)


@register.filter
def times_off(factor: int) -> str:
    """`10` as “×10”, said."""
    return _("%(factor)s times off") % {"factor": f"{factor:n}"}


@register.filter
def share(value: Any) -> str:
    """A share with one decimal, and a dash for none."""
    return "–" if value is None else percent(value, 1)
