"""What schemathesis loads into its own process: most calls are about the demo's project, or they would find nothing."""

from __future__ import annotations

from typing import Any

import schemathesis

PROJECT = "etude-sepsis"


def at_home(given: Any) -> Any:
    if isinstance(given, dict) and isinstance(given.get("project"), str) and len(given["project"]) % 4:
        given["project"] = PROJECT
    return given


@schemathesis.hook
def map_body(context: Any, body: Any) -> Any:
    return at_home(body)


@schemathesis.hook
def map_query(context: Any, query: Any) -> Any:
    return at_home(query)
