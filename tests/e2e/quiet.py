"""Open a page and wait until it has all it asked for: a tenth of a second without a request under way.

Playwright's own «networkidle» waits five times as long, on hundreds of pages.
"""

from __future__ import annotations

import time

from playwright.sync_api import Page, Request, Response

PAUSE, PAUSES, MOST = 50, 2, 30
"""Milliseconds between two looks, looks in a row that must find nothing, seconds after which it is a fault."""


def visit(page: Page, address: str) -> Response | None:
    """Go there, and give its answer."""
    waiting: set[Request] = set()

    def asked(request: Request) -> None:
        waiting.add(request)

    def answered(request: Request) -> None:
        waiting.discard(request)

    events = (("request", asked), ("requestfinished", answered), ("requestfailed", answered))
    for event, hear in events:
        page.on(event, hear)  # type: ignore[call-overload]
    answer = page.goto(address)
    quiet, until = 0, time.monotonic() + MOST
    while quiet < PAUSES:
        assert time.monotonic() < until, f"{address} still waits for {[request.url for request in waiting]}"
        page.wait_for_timeout(PAUSE)
        quiet = 0 if waiting else quiet + 1
    for event, hear in events:
        page.remove_listener(event, hear)
    return answer
