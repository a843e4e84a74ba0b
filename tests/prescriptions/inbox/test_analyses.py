"""Analyses over REST: a text or files in, lines out, at once or as a job, kept or not."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from rest_framework.test import APIClient

from core import jobs
from core.access.demo import World
from core.files.models import StoredFile
from prescriptions.models import Document, Item
from tests.prescriptions.conftest import TEXT
from tests.prescriptions.inbox.papers import archive, pdf

ApiOf = Callable[[str], APIClient]


def address(name: str, *args: object) -> str:
    return reverse(f"api:prescriptions:{name}", args=args)


def upload(client: APIClient, world: World, *files: tuple[str, bytes], **more: object) -> object:
    sent = [SimpleUploadedFile(name, data) for name, data in files]
    body = {"project": world.project.slug, "files": sent, **more}
    return client.post(address("analysis-list"), body, format="multipart")


def test_a_text(world: World, api_of: ApiOf) -> None:
    """A text is read at once and kept for review; without being kept, only its lines come back."""
    client = api_of("researcher")
    made = client.post(address("analysis-list"), {"project": world.project.slug, "text": TEXT})
    assert made.status_code == 201
    [body] = made.json()["analyses"]
    assert body["id"] == body["prescription"]["id"]
    assert body["prescription"]["lines"][0]["reading"]["medication"]["name"] == "DOLIPRANE"
    products = body["prescription"]["lines"][0]["reading"]["products"]
    assert 1 <= len(products) <= 5
    assert products[0]["name"].startswith("DOLIPRANE")
    again = client.get(address("analysis-detail", body["id"])).json()
    assert (again["state"], again["prescription"]["number"]) == ("ready", 1)
    unkept = client.post(address("analysis-list"), {"project": world.project.slug, "text": TEXT, "keep": False})
    assert unkept.status_code == 200
    [found] = unkept.json()["analyses"]
    assert found["id"] is None
    assert [line["medication"]["name"] for line in found["reading"]["lines"]] == ["DOLIPRANE", "SERESTA"]
    assert found["reading"]["lines"][0]["products"] == products
    assert Document.objects.count() == 1


def test_a_file(world: World, api_of: ApiOf) -> None:
    """A short file is read while one waits; the same file again leads to what it was before."""
    client = api_of("researcher")
    made = upload(client, world, ("a.pdf", pdf()))
    assert made.status_code == 201
    [first] = made.json()["analyses"]
    assert len(first["prescription"]["lines"]) == 2
    again = upload(client, world, ("b.pdf", pdf()))
    assert again.status_code == 200
    [second] = again.json()["analyses"]
    assert (second["state"], second["same_as"]) == ("twice", first["id"])
    detail = client.get(address("analysis-detail", second["id"]))
    assert detail.json()["same_as"] == first["id"]


def test_a_file_of_which_nothing_is_kept(world: World, api_of: ApiOf) -> None:
    """With `keep=false` neither file nor text stays on the server."""
    client = api_of("researcher")
    answer = upload(client, world, ("a.pdf", pdf()), keep="false")
    assert answer.status_code == 200
    assert len(answer.json()["analyses"][0]["reading"]["lines"]) == 2
    assert not Document.objects.exists()
    assert not Item.objects.exists()
    assert not StoredFile.objects.exists()


def test_many_files(world: World, api_of: ApiOf) -> None:
    """Several files are a job; each analysis keeps its address from the first answer to the prescription."""
    client = api_of("researcher")
    made = upload(client, world, ("a.pdf", pdf()), ("b.txt", b"LASILIX 40 mg 1 cp le matin"), ("c.pdf", b"x"))
    assert made.status_code == 202
    waiting = made.json()["analyses"]
    assert [each["state"] for each in waiting] == ["waiting"] * 3
    assert client.get(address("analysis-detail", waiting[0]["id"])).json()["state"] == "waiting"
    jobs.run_waiting()
    found = [client.get(address("analysis-detail", each["id"])).json() for each in waiting]
    assert [each["state"] for each in found] == ["ready", "ready", "failed"]
    assert found[1]["prescription"]["lines"][0]["reading"]["medication"]["name"] == "LASILIX"
    assert found[2]["fault"]
    packed = upload(client, world, ("all.zip", archive({"d.txt": b"KARDEGIC 75 mg 1 sachet par jour"})))
    assert packed.status_code == 202


@pytest.mark.parametrize("files", [[("a.exe", b"MZ\0")], [("a.pdf", b"nothing")], [("a.txt", b" ")]])
def test_what_cannot_be_read(world: World, api_of: ApiOf, files: list[tuple[str, bytes]]) -> None:
    """A file that isn't one is refused in words, kept or not."""
    client = api_of("researcher")
    for more in ({}, {"keep": "false"}):
        answer = upload(client, world, *files, **more)
        assert answer.status_code in (202, 422), answer.content
        if answer.status_code == 422:
            assert answer["Content-Type"] == "application/problem+json"


def test_neither_text_nor_file(world: World, api_of: ApiOf) -> None:
    """Without anything to read, or with both, nothing is done."""
    client = api_of("researcher")
    for body in ({"project": world.project.slug}, {"project": world.project.slug, "text": ""}):
        assert client.post(address("analysis-list"), body).status_code == 422


def test_who_may(world: World, api_of: ApiOf) -> None:
    """Members without the tool are refused, strangers don't know the project, and nobody else's analysis is seen."""
    sent = {"project": world.project.slug, "text": TEXT}
    [made] = api_of("owner").post(address("analysis-list"), sent).json()["analyses"]
    for who, status in (("member", 403), ("stranger", 422)):
        assert api_of(who).post(address("analysis-list"), sent).status_code == status
        assert api_of(who).get(address("analysis-detail", made["id"])).status_code == 404


def test_lines_are_cut_over_rest(world: World, api_of: ApiOf) -> None:
    """Split, merge, add, undo and do again, with the revision that was read."""
    client = api_of("owner")
    made = client.post(address("analysis-list"), {"project": world.project.slug, "text": TEXT}).json()["analyses"][0]
    first = made["prescription"]["lines"][0]
    at = TEXT.index("pendant")
    halves = client.post(address("line-split", first["id"]), {"at": at, "revision": 0})
    assert halves.status_code == 200
    assert [line["position"] for line in halves.json()] == [1, 2]
    assert client.post(address("line-split", first["id"]), {"at": at, "revision": 0}).status_code == 409
    second = halves.json()[1]
    merged = client.post(address("line-merge", second["id"]), {"revision": second["revision"]})
    assert merged.json()["reading"]["medication"] == first["reading"]["medication"]
    document = made["id"]
    assert len(client.post(address("document-undo", document)).json()["lines"]) == 3
    assert len(client.post(address("document-redo", document)).json()["lines"]) == 2
    start = TEXT.index("Bandelettes")
    added = client.post(address("document-add", document), {"start": start, "end": len(TEXT)})
    assert added.status_code == 201
    assert added.json()["reading"]["text"] == "Bandelettes : 1 boîte"
