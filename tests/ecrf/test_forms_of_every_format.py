"""Forms of every format in the pages and over REST: read into drafts, and downloaded with what gets lost."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from rest_framework.test import APIClient

from core.access.demo import World
from core.audit.models import Event
from core.errors import Invalid
from ecrf import services
from ecrf.engine import exchange
from ecrf.models import Draft, Form
from tests.ecrf.conftest import DICTIONARY, Study

ClientOf = Callable[[str], Client]
ApiOf = Callable[[str], APIClient]
DATA = Path(__file__).parent / "data/exchange"
TEXT = b"title: Bilan\npages:\n  p:\n    title: P\n    items:\n      a: {type: number, label: A}\n"


def upload(client: Client, world: World, name: str, content: bytes, **fields: Any) -> Any:
    sent = {"language": "en", "ranges": "warn", "file": SimpleUploadedFile(name, content), **fields}
    return client.post(reverse("ecrf:import", args=[world.project.slug]), sent)


@pytest.mark.parametrize(
    ("name", "content", "title", "shown"),
    [
        ("bilan.yaml", TEXT, "Bilan", "YAML"),
        ("household.md", (DATA / "household.md").read_bytes(), "Household", "XLSForm"),
        ("phq.json", (DATA / "questionnaire.json").read_bytes(), "PHQ", "FHIR"),
        ("visit.csv", DICTIONARY, "Visite", "REDCap"),
    ],
)
def test_import_of_every_format(
    world: World, client_of: ClientOf, name: str, content: bytes, title: str, shown: str
) -> None:
    """A file of any format is read into a draft; its format is shown, its title taken where none is given."""
    client = client_of("owner")
    answer = upload(client, world, name, content, title="Visite" if name == "visit.csv" else "")
    draft = Draft.objects.get()
    assert draft.title == title
    assert shown in draft.source
    assert shown in client.get(answer.url).content.decode()
    assert client.post(reverse("ecrf:publish", args=[world.project.slug, draft.pk])).status_code == 302
    assert client.get(Form.objects.get().get_absolute_url()).status_code == 200


def test_warnings_have_places(world: World, client_of: ClientOf) -> None:
    """What a format says and a form here doesn't is shown by its row."""
    client = client_of("owner")
    page = client.get(upload(client, world, "h.md", (DATA / "household.md").read_bytes()).url).content.decode()
    assert "rank" in page
    assert '<td class="cell-number">12</td>' in page


def test_faults_have_lines(world: World, client_of: ClientOf) -> None:
    """A broken text is refused whole, each fault by its line and column."""
    answer = upload(client_of("owner"), world, "b.yaml", TEXT.replace(b"number", b"nombre"))
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "nombre" in page
    assert '<td class="cell-number">6</td><td>17</td>' in page
    assert not Draft.objects.exists()


@pytest.mark.parametrize("name", ["form.exe", "form.yaml", "form.xlsx"])
def test_other_files_are_refused(world: World, client_of: ClientOf, name: str) -> None:
    """What isn't what its name says, or no form at all, is refused at the field."""
    answer = upload(client_of("owner"), world, name, b"MZ\x90\0\3\0\0\0")
    assert answer.status_code == 422
    assert not Draft.objects.exists()


def test_a_translation_is_for_dictionaries(world: World) -> None:
    """Only a REDCap dictionary takes its translation from a second file."""
    with pytest.raises(Invalid) as refused:
        services.read_form(
            world.user["owner"], world.project, TEXT, title="", source="b.yaml", translations={"fr": DICTIONARY}
        )
    assert [fault.place for fault in refused.value.faults] == ["translation"]


def test_a_format_can_be_named(world: World) -> None:
    """Where the format is named, the file is read as that."""
    with pytest.raises(Invalid):
        services.read_form(world.user["owner"], world.project, TEXT, title="", source="b.yaml", kind="xlsform")
    assert not Draft.objects.exists()


@pytest.mark.parametrize(
    ("who", "status"), [("owner", 200), ("member", 200), ("administrator", 404), ("stranger", 404)]
)
def test_download(study: Study, client_of: ClientOf, who: str, status: int) -> None:
    """Who sees a form sees what a format can't say of it, and gets the file."""
    client = client_of(who)
    arguments = [study.world.project.slug, study.form.key, "xlsform"]
    page = client.get(reverse("ecrf:losses", args=arguments))
    assert page.status_code == status
    file = client.get(reverse("ecrf:download", args=arguments))
    assert file.status_code == status
    if status == 200:
        assert "weight, unit" in page.content.decode()
        assert file["Content-Disposition"] == 'attachment; filename="visite-v1.xlsx"'
        assert exchange.detect(file.content) == "xlsform"
        event = Event.objects.get(action="ecrf.form_downloaded")
        assert event.details["format"] == "xlsform"


def test_no_such_format(study: Study, client_of: ClientOf) -> None:
    """A format that isn't there is 404."""
    for name in ("losses", "download"):
        address = reverse(f"ecrf:{name}", args=[study.world.project.slug, study.form.key, "docx"])
        assert client_of("owner").get(address).status_code == 404


def test_import_over_rest(world: World, api_of: ApiOf) -> None:
    """A form of any format is imported and published in one call."""
    sent = {"project": world.project.slug, "file": SimpleUploadedFile("bilan.yaml", TEXT)}
    answer = api_of("owner").post("/api/v1/ecrf/forms/import/", sent, format="multipart")
    assert answer.status_code == 201
    assert answer.data["definition"]["title"] == {"fr": "Bilan"}
    nothing = api_of("owner").post("/api/v1/ecrf/forms/import/", {"project": world.project.slug}, format="multipart")
    assert nothing.status_code == 422
