"""Several who do something at the same moment, each with a connection of his own."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from django.db import connection


def race(
    act: Callable[..., Any], calls: Iterable[Sequence[Any]], refused: type[Exception] | tuple[type[Exception], ...]
) -> list[str]:
    """Do all calls at once, with these arguments; gives what came of each, sorted: done or refused."""
    calls, outcomes = list(calls), []
    together = threading.Barrier(len(calls))

    def one(*arguments: Any) -> None:
        try:
            together.wait(10)
            act(*arguments)
            outcomes.append("done")
        except refused:
            outcomes.append("refused")
        finally:
            connection.close()

    threads = [threading.Thread(target=one, args=each) for each in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    return sorted(outcomes)
