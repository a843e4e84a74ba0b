"""Tags and filters that every template has without loading them: icons, states, fields, assets, dates and numbers."""

from __future__ import annotations

import datetime as dt
from functools import lru_cache
from typing import Any

from django import template
from django.forms import BoundField
from django.utils import formats, timezone, translation
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from core.web import assets, states

register = template.Library()

NBSP = "\N{NO-BREAK SPACE}"


def speaks_french() -> bool:
    return (get_language() or "").startswith("fr")


@register.simple_tag
def icon(name: str, label: str = "", extra: str = "") -> SafeString:
    """A Tabler icon. Without a label it is mute, and a word must stand next to it."""
    return _icon(assets.address("icons.svg"), name, str(label), extra)


@lru_cache(maxsize=1024)
def _icon(address: str, name: str, label: str, extra: str) -> SafeString:
    css = f"icon {extra}".strip()
    if label:
        return format_html(
            '<svg class="{}" role="img" aria-label="{}"><use href="{}#{}"/></svg>', css, label, address, name
        )
    return format_html('<svg class="{}" aria-hidden="true"><use href="{}#{}"/></svg>', css, address, name)


@register.simple_tag
def state(name: str, word: Any = "", look: str = "") -> SafeString:
    """A state as icon, word and colour. `word` says it in the tool's own words; `look` gives an own name a colour."""
    known = states.LOOKS[look] if look else states.named(name)
    return format_html(
        '<span class="state state-{}">{}<span>{}</span></span>', known.look, icon(known.icon), word or known.word
    )


@register.simple_tag
def field(bound: BoundField) -> SafeString:
    """A field with its label above, its help under it and its errors."""
    return bound.as_field_group()


@register.simple_tag
def script(app: str) -> SafeString:
    """Load the bundle of an app, `<app>/static_src/<app>/index.js`, or one of its entries, ``<app>-<name>``."""
    return format_html('<script type="module" src="{}"></script>', assets.address(f"{app}.js"))


@register.simple_tag
def style(app: str) -> SafeString:
    """Load the style sheet that an app's bundle imports."""
    return format_html('<link rel="stylesheet" href="{}">', assets.address(f"{app}.css"))


@register.simple_tag
def early_script(name: str) -> SafeString:
    """A script without imports that must run before the page is painted."""
    return format_html('<script src="{}"></script>', assets.address(f"{name}.js"))


@register.inclusion_tag("web/empty_state.html")
def empty_state(icon: str, title: Any, text: Any = "", url: str = "", action: Any = "") -> dict[str, Any]:
    """What stands where a list is empty: what this is, and the first step."""
    return {"icon": icon, "title": title, "text": text, "url": url, "action": action}


@register.filter
def when(value: dt.datetime | dt.date | None, precision: str = "minute") -> str:
    """«23 nov. 2026, 14:05»; with "day", or for a date, «23 nov. 2026»; with "second", «23 nov. 2026, 14:05:09»."""
    if value is None:
        return ""
    written = "j N Y" if speaks_french() else "j M Y"
    if not isinstance(value, dt.datetime):
        return formats.date_format(value, written).replace(" ", NBSP)
    local = timezone.localtime(value) if timezone.is_aware(value) else value
    day = formats.date_format(local, written).replace(" ", NBSP)
    clock = {"day": "", "minute": "H:i", "second": "H:i:s"}[precision]
    return f"{day}, {formats.date_format(local, clock)}" if clock else day


@register.filter
def ago(value: dt.datetime | None) -> str:
    """How long ago, in the largest unit that fits: «il y a 3 heures»; after a week, the date."""
    if value is None:
        return ""
    seconds = max(0, int((timezone.now() - value).total_seconds()))
    if seconds < 60:
        return _("just now")
    if seconds < 3600:
        minutes = seconds // 60
        return ngettext("%(count)s minute ago", "%(count)s minutes ago", minutes) % {"count": minutes}
    if seconds < 86400:
        hours = seconds // 3600
        return ngettext("%(count)s hour ago", "%(count)s hours ago", hours) % {"count": hours}
    if seconds < 7 * 86400:
        days = seconds // 86400
        return ngettext("%(count)s day ago", "%(count)s days ago", days) % {"count": days}
    return when(value, "day")


@register.filter
def number(value: Any, decimals: int | None = None) -> str:
    """«12 345,6» or “12,345.6”, as the reader's language writes it."""
    if value is None or value == "":
        return ""
    if decimals is not None:
        value = round(value, decimals)  # the format below would cut, not round
    return str(formats.number_format(value, decimal_pos=decimals, use_l10n=True, force_grouping=True))


@register.filter
def size(value: int | None) -> str:
    """A number of bytes in the unit a person reads: «1,4 Mo» or “1.4 MB”."""
    if value is None:
        return ""
    byte = "o" if speaks_french() else "B"
    amount, prefix = float(value), ""
    for prefix in ("", "k", "M", "G", "T"):
        if amount < 1000 or prefix == "T":
            break
        amount /= 1000
    return f"{number(amount, 1 if prefix and amount < 100 else 0)}{NBSP}{prefix}{byte}"


@register.filter
def percent(value: float | None, decimals: int = 0) -> str:
    """A share from 0 to 1 as «45 %» or “45%”."""
    if value is None:
        return ""
    return f"{number(value * 100, decimals)}{NBSP if speaks_french() else ''}%"


@register.filter
def language_name(code: str) -> str:
    """A language in its own name: Français, English."""
    return str(translation.get_language_info(code)["name_local"]).capitalize()


@register.filter
def initials(person: Any) -> str:
    """Two letters that stand for a person."""
    parts = str(person).split("@")[0].replace(".", " ").split()
    return "".join(part[0] for part in (parts[0], parts[-1])[: len(parts)]).upper() if parts else "?"


@register.simple_tag(takes_context=True)
def query(context: template.Context, **changes: Any) -> str:
    """This page's query string with some parameters changed; an empty value takes one out."""
    parameters = context["request"].GET.copy()
    for name, value in changes.items():
        if value in ("", None):
            parameters.pop(name, None)
        else:
            parameters[name] = value
    return f"?{parameters.urlencode()}" if parameters else "?"
