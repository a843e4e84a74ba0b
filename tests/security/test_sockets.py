"""Sockets are opened by our own pages and by nobody else's."""

from __future__ import annotations

import asyncio

import pytest
from asgiref.testing import ApplicationCommunicator

from core.config.asgi import application


async def first_word(origin: bytes | None, path: str) -> str:
    headers = [(b"host", b"localhost"), *([(b"origin", origin)] if origin is not None else [])]
    scope = {"type": "websocket", "path": path, "query_string": b"", "headers": headers, "subprotocols": []}
    link = ApplicationCommunicator(application, scope)
    await link.send_input({"type": "websocket.connect"})
    word: str = (await link.receive_output(10))["type"]
    await link.send_input({"type": "websocket.disconnect", "code": 1000})
    await link.wait(10)
    return word


@pytest.mark.parametrize("origin", [b"https://evil.example", b"null", b"http://localhost.evil.example", b"", None])
@pytest.mark.django_db(transaction=True)
def test_a_socket_is_opened_from_our_pages_alone(origin: bytes | None) -> None:
    """A page of another site, or a program that says none, is turned away before anything is looked up."""
    assert asyncio.run(first_word(origin, "/ws/notices/")) == "websocket.close"
    assert asyncio.run(first_word(b"http://localhost", "/ws/notices/")) == "websocket.accept"
