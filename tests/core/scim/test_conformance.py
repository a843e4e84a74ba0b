"""The protocol as others check it: scim2-tester, by scim2-client, over HTTP in a live server."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer
from scim2_client import BaseSyncSCIMClient
from scim2_tester import Status, check_server

from core.access.demo import build
from tests.core.scim.conftest import speaking


class Over(BaseSyncSCIMClient):
    """scim2-client over httpx."""

    def __init__(self, http: httpx.Client) -> None:
        super().__init__()
        self.http = http

    def _stays_under_base_url(self, endpoint: str) -> bool:
        return str(self.http.build_request("GET", endpoint).url).startswith(str(self.http.base_url))

    def _parse_json(self, response: Any) -> Any:
        return response.json()

    def request(self, method: str, url: str, **options: Any) -> httpx.Response:
        return self.http.request(method, url, **options)


@pytest.mark.slow
def test_an_independent_tester_finds_nothing(live_server: LiveServer, settings: Settings) -> None:
    """Discovery, and people and groups made, read, replaced, changed and deleted, attribute by attribute."""
    settings.PUBLIC_URL = live_server.url
    world = build()
    token = speaking(world, world.organisation).token
    with httpx.Client(base_url=f"{live_server.url}/scim/v2", headers={"Authorization": f"Bearer {token}"}) as http:
        results = check_server(Over(http))
    wrong = [f"{each.title}: {each.reason}" for each in results if each.status in (Status.ERROR, Status.CRITICAL)]
    assert wrong == []
    assert sum(each.status == Status.SUCCESS for each in results) > 50
