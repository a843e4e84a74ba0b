"""``{% load presence %}{% presence "ecrf.entry" key %}``: who else is on this page."""

from __future__ import annotations

from typing import Any

from django import template

register = template.Library()


@register.inclusion_tag("presence/presence.html")
def presence(kind: str, *key: Any) -> dict[str, str]:
    """`kind` is one that a room declares in `presence` of its ``apps.py``; the key says of what, in parts."""
    return {"socket": f"/ws/presence/{kind}/{':'.join(str(part) for part in key)}/"}
