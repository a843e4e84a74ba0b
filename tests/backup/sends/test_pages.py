"""The pages of sealed files, for their owners and for whoever has a link."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from backup.models import FileRequest, Send
from backup.services import pieces, sends
from core.access.demo import World
from tests.backup.sends import kit
from tests.queries import queries_of

ClientOf = Callable[[str], Client]
PEOPLE = [("owner", 200), ("member", 404), ("stranger", 404), ("anonymous", 302)]


def url(world: World, name: str, *arguments: object) -> str:
    return reverse(f"backup:{name}", args=[world.project.slug, *arguments])


@pytest.mark.parametrize(("who", "status"), PEOPLE)
def test_who_opens_the_pages(world: World, client_of: ClientOf, who: str, status: int) -> None:
    """Each page is for who may send, and isn't there for others."""
    row, asked = kit.send(world, kit.sealed()), kit.ask(world)
    client = client_of(who)
    pages = [url(world, name) for name in ("sends", "send-create", "request-create")]
    pages += [row.get_absolute_url(), asked.row.get_absolute_url()]
    assert {client.get(page).status_code for page in pages} == {status}
    for name, thing in (("send-revoke", row), ("request-revoke", asked.row)):
        assert client.post(url(world, name, thing.pk)).status_code == (303 if status == 200 else status)


def test_the_key_is_never_on_a_page(world: World, client_of: ClientOf) -> None:
    """The server can't show the whole link: it knows only its address."""
    made = kit.sealed()
    row = kit.send(world, made)
    for page in (row.get_absolute_url(), url(world, "sends"), f"/sealed/{row.link}/"):
        text = client_of("owner").get(page).text
        assert row.link in text
        assert made.fragment not in text


def test_a_file_says_how_it_stands(world: World, client_of: ClientOf) -> None:
    """Being sent, ready, prolonged, fetched and revoked: the page of a file says so."""
    client = client_of("owner")
    made = kit.sealed(kit.large())
    row = kit.begin(world, made)
    assert "Envoi en cours" in client.get(row.get_absolute_url()).text
    for number, piece in enumerate(made.pieces):
        pieces.put(world.user["owner"], row, number, piece)
    sends.finish(world.user["owner"], row)
    assert "Prêt à être récupéré" in client.get(row.get_absolute_url()).text
    kit.fetched(row)
    before = Send.objects.get().expires_at
    assert client.post(url(world, "send-prolong", row.pk), {"days": "30"}).status_code == 303
    assert Send.objects.get().expires_at > before
    assert client.post(url(world, "send-prolong", row.pk), {"days": "4000"}).status_code == 303
    client.post(url(world, "send-revoke", row.pk))
    assert "Lien retiré" in client.get(row.get_absolute_url()).text
    client.post(url(world, "send-prolong", row.pk), {"days": "30"})
    assert Send.objects.get().state == "revoked"


def test_whoever_has_a_link_is_told_why_it_fails(world: World) -> None:
    """An expired, used up, revoked or unfinished file says which; one that was never there is like any other."""
    anybody = Client()
    row = kit.send(world, kit.sealed())
    address = f"/sealed/{row.link}/"
    states = {
        "Un fichier scellé pour vous": {},
        "n’est pas encore là": {"finished_at": None},
        "aussi souvent": {"most_fetches": 1, "fetch_count": 1},
        "a expiré": {"expires_at": timezone.now()},
        "retiré": {"revoked_at": timezone.now()},
    }
    seen = {}
    for words, change in states.items():
        Send.objects.filter(pk=row.pk).update(**change)
        answer = anybody.get(address)
        seen[words] = answer.status_code
        assert words in answer.text
        Send.objects.filter(pk=row.pk).update(
            finished_at=timezone.now(), most_fetches=None, expires_at=row.expires_at, revoked_at=None
        )
    assert list(seen.values()) == [200, 200, 410, 410, 410]
    assert anybody.get("/sealed/AAAAAAAAAAAAAAAAAAAAAA/").status_code == 404
    assert anybody.get("/sealed/to/AAAAAAAAAAAAAAAAAAAAAA/").status_code == 404


def test_a_request_that_is_over(world: World) -> None:
    """A stranger is told whether the request has expired or was withdrawn."""
    asked = kit.ask(world)
    address = f"/sealed/to/{asked.row.link}/"
    assert world.user["owner"].full_name in Client().get(address).text
    for change in ({"expires_at": timezone.now()}, {"revoked_at": timezone.now()}):
        FileRequest.objects.filter(pk=asked.row.pk).update(**change)
        assert Client().get(address).status_code == 410


def test_the_list_costs_the_same(world: World, client_of: ClientOf) -> None:
    """However many files and requests there are, the page takes as many queries."""
    client = client_of("owner")
    kit.send(world, kit.sealed())
    kit.ask(world)
    few = queries_of(client, url(world, "sends"))
    for _each in range(6):
        kit.send(world, kit.sealed())
        kit.ask(world)
    assert queries_of(client, url(world, "sends")) == few
