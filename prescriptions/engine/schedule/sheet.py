"""The plan as values for a sheet of paper."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from prescriptions.engine.schedule.plan import Plan
from prescriptions.engine.schedule.speech import SPEECHES


def sheet(plan: Plan) -> dict[str, Any]:
    """Everything that the template draws, in words."""
    said = asdict(plan)
    start = said.pop("start")
    return said | {
        "start_words": SPEECHES[plan.language].date(start) if start else "",
        "to_check": plan.to_check,
        "empty": plan.is_empty,
    }
