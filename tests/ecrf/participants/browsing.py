"""A participant's browser."""

from __future__ import annotations

import json
import secrets
from typing import Any

from django.test import Client
from django.urls import reverse

from core.access.demo import World
from ecrf.models import Invitation
from ecrf.services import participants
from tests.ecrf.diary import token_of


def somewhere() -> Client:
    """A browser at an address of its own: tries are counted by address."""
    return Client(REMOTE_ADDR=f"10.{secrets.randbelow(256)}.{secrets.randbelow(256)}.{secrets.randbelow(256)}")


def visit(link: str) -> Client:
    """A browser that has opened a link."""
    client = somewhere()
    answer = client.post(reverse("participate:enter"), {"token": token_of(link)}, HTTP_ACCEPT="application/json")
    assert answer.status_code == 200, answer.content
    return client


def data_of(client: Client) -> dict[str, Any]:
    """What the page of a questionnaire tells the browser."""
    page = client.get(reverse("participate:fill"))
    assert page.status_code == 200, page.content
    text = page.content.decode()
    return dict(json.loads(text.partition('id="entry-data" type="application/json">')[2].partition("</script>")[0]))


def post(client: Client, name: str, base: int = 0, values: Any = None, **more: Any) -> Any:
    sent = {"base": base, "values": values or {}, **more}
    return client.post(
        reverse(f"participate:{name}"), sent, content_type="application/json", HTTP_ACCEPT="application/json"
    )


def link_to(world: World, invitation: Invitation) -> str:
    return participants.make_link(world.user["member"], invitation)
