"""Nothing is served but pages, resources and the files that browsers need."""

from __future__ import annotations

import pytest
from django.test import Client

PATHS = [
    "/.git/config",
    "/.git/HEAD",
    "/.env",
    "/var/secrets/vault_key",
    "/static/",
    "/static/build/",
    "/static/../manage.py",
    "/static/%2e%2e/%2e%2e/manage.py",
    "/static/..%2f..%2fmanage.py",
    "/media/",
    "/files/",
    "/manage.py",
    "/admin/",
    "/server-status",
    "/debug/",
    "/__debug__/",
    "/metrics",
    "/style-guide/",
]


@pytest.mark.parametrize("path", PATHS)
def test_nothing_else_is_served(db: None, path: str) -> None:
    """Neither source, secrets, folders nor descriptions are for who hasn't signed in."""
    answer = Client().get(path)
    assert answer.status_code in (302, 401, 404)
    assert "SECRET" not in answer.text
    if answer.status_code == 302:
        assert answer["Location"].startswith("/accounts/login/")
