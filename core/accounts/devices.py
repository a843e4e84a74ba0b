"""What a browser says of itself, in words by which a person knows his own device again."""

from __future__ import annotations

BROWSERS = (("Edg/", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Version/", "Safari"))
SYSTEMS = (
    ("Windows", "Windows"),
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
)


def device(user_agent: str) -> str:
    """«Firefox 128, Windows» out of what a browser says of itself; what we don't know as it is, nothing as a dash."""
    for mark, name in BROWSERS:
        if mark in user_agent:
            version = user_agent.partition(mark)[2].partition(".")[0]
            known = system(user_agent)
            return f"{name} {version}" + (f", {known}" if known else "")
    return user_agent[:60] or "–"


def system(user_agent: str) -> str:
    """The machine's operating system, or nothing where we don't know it."""
    return next((word for known, word in SYSTEMS if known in user_agent), "")
