"""A project that uses every widget, option and rule, and requests for its pages."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ecrf.engine.goupile.run import Project

FOLDER = Path(__file__).with_name("project")
FILES = {str(path.relative_to(FOLDER)): path.read_text() for path in sorted(FOLDER.rglob("*.js*"))}
PROJECT = Project(FILES)
CONTEXT = {"now": "2026-12-01T10:20:30", "seed": "a seed", "language": "en", "profile": {"username": "Ada & Co"}}
THREAD = {
    "tid": "01ARZ3NDEKTSV4RRFFQ69G5FAV",
    "saved": True,
    "sequence": 12,
    "counters": {"arm": 2},
    "entries": {"widgets": {"data": {"age": 40, "agree": 1, "d0": "2026-11-01"}, "anchor": 3}},
}


def one_page(code: str, main: str | None = None) -> Project:
    """A project of one page, `p`."""
    return Project({"main.js": main or 'app.form("p", "P")', "pages/p.js": code})


FULL: dict[str, Any] = {
    "name": "Lovelace",
    "story": "Long\nago",
    "word": "secret",
    "pin": "12x4",
    "age": "36",
    "height": "1.7",
    "weight": "500.5",
    "pain": "7",
    "d0": "2026-11-30",
    "m0": "2024-05",
    "t0": "09:30",
    "t1": "09:30:15",
    "agree": "1",
    "sure": "false",
    "smoke": "stopped",
    "side": "3",
    "place": "2",
    "job": "x_y",
    "sleep": ["1", "2"],
    "drugs": ["b"],
    "more": ["none"],
    "scan": "0" * 64,
}
RULES: dict[str, Any] = {
    "low": "300",
    "high": "250",
    "free": "bad",
    "rows": [{"drug": "x", "dose": "11"}, {}],
    "deep": {"in": "y"},
}

REQUESTS: dict[str, dict[str, Any]] = {
    "empty widgets": {"page": "widgets"},
    "full widgets": {"page": "widgets", "values": FULL},
    "in French": {"page": "widgets", "values": {"age": 200}, "context": {"language": "fr"}},
    "empty rules": {"page": "rules"},
    "broken rules": {"page": "rules", "values": RULES},
    "broken rules at the save": {"page": "rules", "values": RULES, "context": {"triggered": True}},
    "noted rules": {
        "page": "rules",
        "values": RULES,
        "notes": {
            "low": {"status": "check"},
            "now": {"status": "na", "comment": "gone"},
            "later": {"status": "wait"},
            "high": {"locked": True},
            "free": {"comment": "as it is"},
            "c1": {"status": "nd"},
        },
        "context": {"saved": True},
    },
    "imports": {"page": "visit", "values": {"q1": "3", "q2": "1"}, "thread": THREAD},
    "diary": {"page": "diary"},
    "old": {"page": "old", "values": {"d": "2026-12-24"}},
    "only the menu": {"page": None, "thread": THREAD},
}


def request(name: str) -> dict[str, Any]:
    """As the runtime takes it."""
    asked = {"files": FILES, "values": {}, "notes": {}, "thread": {}, "following": {}, "edited": [], "types": {}}
    asked |= REQUESTS[name]
    asked["context"] = CONTEXT | REQUESTS[name].get("context", {})
    return asked
