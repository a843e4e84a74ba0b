"""Run axe-core in a page; nothing it finds is let pass."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from playwright.sync_api import Page

SOURCE = Path(__file__).resolve().parents[2] / "node_modules" / "axe-core" / "axe.min.js"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
OPTIONS = {"runOnly": TAGS, "resultTypes": ["violations"]}  # of what passes nothing is told: that took half the time


def violations(page: Page) -> list[str]:
    """What axe finds on the page as it is now, one line per rule and element."""
    if not SOURCE.exists():
        raise FileNotFoundError(f"{SOURCE} is missing: run npm ci")
    page.wait_for_load_state()
    page.evaluate(SOURCE.read_text())  # through the debugger, which the page's content policy doesn't hold back
    found: dict[str, Any] = page.evaluate("options => axe.run(document, options)", OPTIONS)
    return [
        f"{rule['id']} ({rule['impact']}): {rule['help']} at {node['target']}: {node['failureSummary']}"
        for rule in found["violations"]
        for node in rule["nodes"]
    ]


def assert_accessible(page: Page) -> None:
    found = violations(page)
    assert not found, f"{page.url}\n" + "\n".join(found)
