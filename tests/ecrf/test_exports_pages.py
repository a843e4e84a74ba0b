"""Exports on pages, over REST and on the command line."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from core import jobs
from core.access.demo import World
from core.audit.models import Event
from core.jobs.models import Schedule
from ecrf.engine.exports import age
from ecrf.models import Export
from tests.ecrf.exported import made, tables, trial


@pytest.fixture
def owner(world: World) -> Client:
    client = Client()
    client.force_login(world.user["owner"])
    return client


def asked(**more: Any) -> dict[str, Any]:
    return {
        "format": "csv",
        "level": "coded",
        "pages": "all",
        "changes": "all",
        "language": "en",
        "keep_days": "30",
        **more,
    }


def body(answer: Any) -> bytes:
    return b"".join(answer.streaming_content) if answer.streaming else answer.content


def test_from_the_form_to_the_file(world: World, owner: Client) -> None:
    """Asked for on a page, followed to its file, downloaded, erased; the list shows each step."""
    form, subject, _ = trial(world)
    slug = world.project.slug
    page = owner.get(reverse("ecrf:new_export", args=[slug, form.key])).content.decode()
    assert 'value="deidentified"' in page
    answer = owner.post(reverse("ecrf:new_export", args=[slug, form.key]), asked(statuses="on", events=["month_1"]))
    export = Export.objects.get()
    assert answer.headers["Location"] == export.get_absolute_url()
    assert "job-now" in owner.get(export.get_absolute_url()).content.decode()
    jobs.run_waiting()
    page = owner.get(export.get_absolute_url()).content.decode()
    file = reverse("ecrf:export_file", args=[slug, export.pk])
    assert file in page
    answer = owner.get(file)
    assert tables(body(answer))["records"][0]["subject"] == subject.number
    assert "Month 1" in page or "Mois 1" in page
    assert owner.get(reverse("ecrf:exports", args=[slug])).content.decode().count(export.get_absolute_url()) >= 1
    owner.post(reverse("ecrf:erase_export", args=[slug, export.pk]))
    assert file not in owner.get(export.get_absolute_url()).content.decode()
    assert owner.get(file).status_code == 302
    assert Event.objects.filter(action="ecrf.export_downloaded").count() == 1


def test_wrong_choices_are_said_at_their_field(world: World, owner: Client) -> None:
    """A key that is none is told at its field, and nothing is begun."""
    form, _, _ = trial(world)
    address = reverse("ecrf:new_export", args=[world.project.slug, form.key])
    answer = owner.post(address, asked(recipient="age1nonsense"))
    assert answer.status_code == 422
    assert 'id="id_recipient_error"' in answer.content.decode()
    assert not Export.objects.exists()


def test_scheduled_on_a_page(world: World, owner: Client) -> None:
    """An export that comes again is listed with its rhythm, and ended there."""
    form, _, _ = trial(world)
    slug = world.project.slug
    owner.post(reverse("ecrf:new_export", args=[slug, form.key]), asked(every="daily 03:00", since="last"))
    row = Schedule.objects.get()
    end = reverse("ecrf:end_export_schedule", args=[slug, row.key])
    assert end in owner.get(reverse("ecrf:exports", args=[slug])).content.decode()
    owner.post(end)
    assert not Schedule.objects.exists()


def test_who_may_not_is_told_whom_to_ask(world: World) -> None:
    """Who reads records and may export none finds a page that says so, without anybody's exports."""
    form, _, _ = trial(world)
    export = made(world, form)
    client = Client()
    client.force_login(world.user["member"])
    page = client.get(reverse("ecrf:exports", args=[world.project.slug])).content.decode()
    assert "file-export" in page or "empty-state" in page
    assert str(export.pk) not in page


def test_losses_in_words(world: World, owner: Client) -> None:
    """What a format can't hold is listed in words beside the file."""
    form, _, _ = trial(world)
    export = made(world, form, "goupile-xlsx")
    page = owner.get(export.get_absolute_url(), headers={"accept-language": "en"}).content.decode()
    assert "__event" in page
    assert {loss["code"] for loss in export.losses} >= {"rows_left_out", "statuses_left_out"}


def test_over_rest(world: World, client_of: Callable[[str], Any]) -> None:
    """Asked for, listed, downloaded and erased over the API."""
    form, _, _ = trial(world)
    client = Client()
    client.force_login(world.user["owner"])
    sent = {"project": world.project.slug, "form": form.key, "format": "csv", "only": ["ae"]}
    address = reverse("api:ecrf:export-list")
    answer = client.post(address, json.dumps(sent), content_type="application/json")
    assert answer.status_code == 202, answer.content
    jobs.run_waiting()
    (row,) = client.get(address).json()["results"]
    assert (row["records"], row["losses"], row["choices"]["only"]) == (1, [], ["ae"])
    file = reverse("api:ecrf:export-file", args=[row["id"]])
    assert list(tables(body(client.get(file)))) == ["ae", "codebook"]
    part = client.get(file, headers={"range": "bytes=0-1"})
    assert (part.status_code, body(part)) == (206, b"PK")
    assert client.delete(reverse("api:ecrf:export-detail", args=[row["id"]])).status_code == 204
    assert client.get(file).status_code == 409
    answer = client.post(address, json.dumps({**sent, "events": ["never"]}), content_type="application/json")
    assert answer.status_code == 422


def run(*arguments: str) -> str:
    out = StringIO()
    call_command("ecrf", *arguments, stdout=out)
    return out.getvalue()


def test_on_the_command_line(world: World, tmp_path: Path) -> None:
    """A study by its form's key or its project's address, to a new file, with what it holds as JSON."""
    form, _, _ = trial(world)
    for number, study in enumerate((form.key, world.project.slug, f"{world.project.slug}/{form.key}")):
        target = tmp_path / f"{number}.zip"
        told = json.loads(run("export", study, "--format", "csv", "-o", str(target), "--event", "month_1"))
        assert (told["records"], told["losses"]) == (1, [])
        assert [row["event"] for row in tables(target.read_bytes())["records"]] == ["month_1"]
        assert target.stat().st_mode & 0o077 == 0
    assert Event.objects.filter(action="ecrf.export_made").count() == 3


def test_refused_on_the_command_line(world: World, tmp_path: Path) -> None:
    """No such study, a wrong choice, or a file that is there already: one line, and no file."""
    form, _, _ = trial(world)
    target = tmp_path / "out.zip"
    for arguments in (["nothing"], [form.key, "--event", "never"], [form.key, "--recipient", "age1x"]):
        with pytest.raises(CommandError):
            run("export", *arguments, "--format", "csv", "-o", str(target))
        assert not target.exists()
    target.write_text("kept")
    with pytest.raises(CommandError):
        run("export", form.key, "--format", "csv", "-o", str(target))
    assert target.read_text() == "kept"


def test_sealed_and_opened(world: World, tmp_path: Path) -> None:
    """A key is made, an export sealed for it, and opened with it; with another key it isn't."""
    form, _, _ = trial(world)
    own, other = tmp_path / "own.txt", tmp_path / "other.txt"
    recipient = run("open", "--new-key", str(own)).strip()
    run("open", "--new-key", str(other))
    assert age.recipient(recipient)
    assert own.stat().st_mode & 0o077 == 0
    sealed, clear = tmp_path / "out.age", tmp_path / "out.zip"
    run("export", form.key, "--format", "csv", "-o", str(sealed), "--recipient", recipient)
    with pytest.raises(CommandError):
        run("open", str(sealed), "-i", str(other), "-o", str(clear))
    assert not clear.exists()
    run("open", str(sealed), "-i", str(own), "-o", str(clear))
    with zipfile.ZipFile(clear) as archive:
        assert "records.csv" in archive.namelist()
