"""Two at once don't race past what is used once."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

from django.db import connections

from tests.core.provider.conftest import Relying, userinfo


def both(act: Callable[[], Any]) -> list[Any]:
    """Done twice, at the same moment."""
    barrier = Barrier(2)

    def work() -> Any:
        try:
            barrier.wait(10)
            return act()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        return [future.result() for future in [pool.submit(work), pool.submit(work)]]


def test_codes_and_refresh_tokens_are_used_once(transactional_db: None, rely: Callable[..., Relying]) -> None:
    """Of two who redeem one code, or one refresh token, at the same moment one succeeds, and then all of it ends."""
    wiki = rely()
    others = wiki.tokens()
    code = wiki.code()
    answers = both(lambda: wiki.redeem(code))
    assert sorted(answer.status_code for answer in answers) == [200, 400]
    won = next(answer.json() for answer in answers if answer.status_code == 200)
    assert userinfo(won["access_token"]).status_code == 401
    answers = both(lambda: wiki.refresh(others["refresh_token"]))
    assert sorted(answer.status_code for answer in answers) == [200, 400]
    won = next(answer.json() for answer in answers if answer.status_code == 200)
    assert userinfo(won["access_token"]).status_code == 401
