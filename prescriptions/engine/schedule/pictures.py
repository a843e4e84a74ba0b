"""Pictograms of the plan, drawn for it: black lines on white, legible at a centimetre and on any printer."""

from __future__ import annotations

TABLET = '<circle cx="24" cy="24" r="14"/><path d="M12 24h24"/>'
DRAWN = {
    "sunrise": '<path d="M6 36h36M12 36a12 12 0 0 1 24 0M24 18v-10M20 12l4-4 4 4M8 22l4 4M40 22l-4 4"/>',
    "morning": '<circle cx="24" cy="24" r="8"/><path d="M24 6v6M24 36v6M6 24h6M36 24h6M11 11l4 4M33 33l4 4M37 11l-4 4'
    'M15 33l-4 4"/>',
    "noon": '<circle class="ink" cx="24" cy="24" r="9"/><path d="M24 4v8M24 36v8M4 24h8M36 24h8M10 10l5 5M33 33l5 5'
    'M38 10l-5 5M15 33l-5 5"/>',
    "afternoon": '<circle cx="30" cy="18" r="7"/><path d="M30 4v4M41 7l-3 3M44 18h-4M12 40h20a8 8 0 0 0 1-16'
    'a10 10 0 0 0-19-1 9 9 0 0 0-2 17z"/>',
    "evening": '<path d="M6 34h36M12 34a12 12 0 0 1 24 0M24 6v10M20 12l4 4 4-4M10 40h28"/>',
    "moon": '<path class="ink" d="M36 30a15 15 0 1 1-16-20 12 12 0 0 0 16 20z"/><path d="M35 10v6M32 13h6"/>',
    "before": '<circle cx="30" cy="24" r="11"/><circle cx="30" cy="24" r="5"/><path d="M4 24h9M9 20l4 4-4 4"/>',
    "with": '<circle cx="24" cy="24" r="12"/><circle class="ink" cx="24" cy="24" r="5"/><path d="M5 10v10M9 10v10'
    'M7 20v18M42 10c-4 4-4 10-1 12v16"/>',
    "after": '<circle cx="18" cy="24" r="11"/><circle cx="18" cy="24" r="5"/><path d="M34 24h10M40 20l4 4-4 4"/>',
    "tablet": TABLET,
    "half": '<path class="ink" d="M10 24a14 14 0 0 1 28 0z"/><path class="dash" d="M10 24a14 14 0 0 0 28 0z"/>',
    "quarter": '<path class="ink" d="M24 24v-14a14 14 0 0 1 14 14z"/><path class="dash" d="M24 10a14 14 0 1 0 14 14"/>'
    '<path d="M24 10v14h14"/>',
    "three-quarters": '<path class="ink" d="M24 24v-14a14 14 0 1 0 14 14z"/>'
    '<path class="dash" d="M24 10a14 14 0 0 1 14 14"/>',
    "capsule": '<rect x="6" y="16" width="36" height="16" rx="8"/>'
    '<path class="ink" d="M24 16h10a8 8 0 0 1 0 16h-10z"/>',
    "sachet": '<path d="M12 8h24v34h-24zM12 14h24M28 8v6M18 24h12M18 30h12"/>',
    "ampoule": '<path d="M21 5h6v9l5 6v20a4 4 0 0 1-4 4h-8a4 4 0 0 1-4-4v-20l5-6zM16 30h16"/>',
    "drops": '<path class="ink" d="M24 6c6 9 9 13 9 18a9 9 0 0 1-18 0c0-5 3-9 9-18z"/><path d="M12 42h24"/>',
    "spoon": '<ellipse cx="15" cy="30" rx="10" ry="7" transform="rotate(-35 15 30)"/><path d="M22 24l20-16"/>'
    '<path d="M8 31h13"/>',
    "injection": '<path d="M6 42l8-8M12 30l6 6M14 34l-2-6 18-18 8 8-18 18zM34 14l6-6M36 4l8 8M24 18l4 4M19 23l4 4"/>',
    "inhaler": '<path d="M14 5h14v14M14 5v22h16v12h-22v-12M28 19l2 8M35 30h8M35 35h6M35 25h6"/>',
    "spray": '<path d="M16 20h14v22h-14zM19 20v-6h8v6M21 14v-5h6M33 8h8M33 12l7 4M33 4l7-2"/>',
    "patch": '<rect x="7" y="13" width="34" height="22" rx="6"/><rect x="17" y="13" width="14" height="22"/>'
    '<path d="M22 20h.1M26 20h.1M22 28h.1M26 28h.1M24 24h.1"/>',
    "cream": '<path d="M14 5h20l-3 28h-14zM19 33h10v8h-10zM14 10h20"/>',
    "suppository": '<path d="M24 4c7 6 9 12 9 20v18h-18v-18c0-8 2-14 9-20zM15 34h18"/>',
    "box": '<path d="M7 16l17-8 17 8v18l-17 8-17-8zM7 16l17 8 17-8M24 24v18"/>',
    "warning": '<path d="M24 6l20 35h-40zM24 18v11M24 34v2"/>',
    "stop": '<circle cx="24" cy="24" r="18"/><path d="M12 36l24-24"/>',
    "check-box": '<rect x="9" y="9" width="30" height="30" rx="3"/>',
}
"""Name -> shapes in a square of 48; `ink` is filled, `dash` is what is left in the box."""

STYLE = {
    'class="ink"': 'fill="currentColor"',
    'class="dash"': 'stroke-dasharray="3 4"',
}


def shapes(name: str) -> str:
    """The shapes with their looks, without the picture around them. Raises KeyError."""
    made = DRAWN[name]
    for mark, look in STYLE.items():
        made = made.replace(mark, look)
    return made


def svg(name: str, *, colour: str = "currentColor") -> str:
    """A whole picture, that says nothing to a screen reader: words stand beside it. Raises KeyError."""
    drawn = shapes(name).replace("currentColor", colour)
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 48 48" fill="none" aria-hidden="true" focusable="false" '
        f'stroke="{colour}" stroke-width="2.6" stroke-linecap="round" stroke-linejoin="round">{drawn}</svg>'
    )
