"""Files of questions: taken by their content, named by their digest, read by who reads the record."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from core.access.rules import Refused
from core.audit.models import Event
from core.errors import Conflict, Invalid
from ecrf import services
from ecrf.models import Attachment, Entry, Fragment
from ecrf.services import attachments, locks, printing
from tests.ecrf.conftest import Study
from tests.ecrf.engine.paper.reading import text_of
from tests.ecrf.visits import publish, words

FORM: dict[str, Any] = {
    "format": 1,
    "title": words("Pièces", "Pieces"),
    "languages": ["fr", "en"],
    "pages": [
        {
            "key": "pieces",
            "title": words("Pièces", "Pieces"),
            "groups": [
                {
                    "items": [
                        {"key": "photo", "type": "file", "look": "image", "label": words("Photo", "Photo")},
                        {"key": "report", "type": "file", "label": words("Compte rendu", "Report"), "max_size": 4096},
                        {"key": "scan", "type": "file", "label": words("Scan", "Scan"), "accept": ["pdf"]},
                        {"key": "age", "type": "integer", "label": words("Âge", "Age")},
                    ]
                },
                {
                    "repeat": {"key": "lesion"},
                    "items": [{"key": "picture", "type": "file", "look": "image", "label": words("Image", "Picture")}],
                },
            ],
        }
    ],
}


@pytest.fixture
def pieces(world: Any) -> Study:
    form = publish(world, FORM, key="pieces")
    include = services.include_subject
    return Study(
        world, form, include(world.user["member"], world.site_a), include(world.user["other_site"], world.site_b)
    )


def picture(colour: str = "red", kind: str = "JPEG") -> bytes:
    """A small image with what a camera writes beside the pixels."""
    made = io.BytesIO()
    data = Image.Exif()
    data[0x010E] = "Patient Le Goff"
    Image.new("RGB", (40, 30), colour).save(made, kind, exif=data)
    return made.getvalue()


def sent(study: Study, item: str, content: bytes, name: str, who: str = "member") -> Attachment:
    return attachments.upload(study.world.user[who], study.subject, study.form, item, io.BytesIO(content), name)


def save(study: Study, base: int, values: dict[str, Any]) -> Entry:
    return services.save_entry(study.world.user["member"], study.subject, study.form, base, values).entry


def content(client: Client, found: Attachment, **asked: str) -> Any:
    address = reverse("ecrf:attachment", args=["etude-sepsis", found.pk])
    return client.get(address, asked)


def test_a_picture_from_the_phone_to_the_record(pieces: Study, client_of: Any) -> None:
    """An image is kept without what the camera wrote beside it; whoever reads the record reads it."""
    address = reverse("ecrf:upload_attachment", args=["etude-sepsis", pieces.subject.pk, "pieces", "photo"])
    answer = client_of("member").post(address, {"file": SimpleUploadedFile("C:\\photos\\main.jpg", picture())})
    assert answer.status_code == 201
    told = answer.json()
    assert (told["name"], told["type"], told["image"]) == ("main.jpg", "image/jpeg", True)
    entry = save(pieces, 0, {"photo": told["value"]})
    assert entry.values["photo"] == told["value"]
    found = Attachment.objects.get()
    assert found.claimed_at is not None
    answer = content(client_of("monitor"), found)
    body = b"".join(answer.streaming_content)
    assert answer["Content-Disposition"].startswith("attachment")
    assert b"Le Goff" not in body
    assert Image.open(io.BytesIO(body)).size == (40, 30)
    assert content(client_of("monitor"), found, preview="1")["Content-Disposition"] == "inline"
    assert content(client_of("other_site"), found).status_code == 404
    assert content(client_of("stranger"), found).status_code == 404
    assert Event.objects.filter(action="ecrf.file_read").count() == 2
    page = client_of("member").get(reverse("ecrf:entry", args=["etude-sepsis", pieces.subject.pk, "pieces"]))
    assert told["url"] in page.content.decode()


@pytest.mark.parametrize(
    ("item", "body", "name", "code"),
    [
        ("photo", b"%PDF-1.4 nothing", "main.jpg", "other_kind"),
        ("photo", picture(kind="PNG"), "main.jpg", "wrong_extension"),
        ("report", b"x" * 5000, "notes.txt", "file_too_large"),
        ("report", b"<!doctype html><script>1</script>", "notes.txt", "unknown_kind"),
        ("scan", b"a,b\n1,2\n", "notes.csv", "other_kind"),
        ("report", b"", "notes.txt", "empty"),
        ("age", b"a,b\n", "notes.csv", "unknown_variable"),
    ],
    ids=["a PDF", "a wrong name", "too large", "a page", "not asked for", "empty", "no file"],
)
def test_what_is_not_taken(pieces: Study, item: str, body: bytes, name: str, code: str) -> None:
    """A file is taken by what it holds and by what its question allows, and refused in words."""
    with pytest.raises(Invalid) as refused:
        sent(pieces, item, body, name)
    assert refused.value.faults[0].code in (code, "two_kinds")
    assert not Attachment.objects.exists()


def test_a_crafted_digest(pieces: Study) -> None:
    """A value names a file that was sent for this subject and this question, and no other one's."""
    photo = sent(pieces, "photo", picture(), "a.jpg")
    theirs = attachments.upload(
        pieces.world.user["other_site"], pieces.elsewhere, pieces.form, "photo", io.BytesIO(picture("blue")), "b.jpg"
    )
    for values in (
        {"photo": theirs.value},
        {"report": photo.value},
        {"photo": "sha256:" + "0" * 64},
        {"photo": "main.jpg"},
        {"lesion": [{"picture": photo.value}]},
    ):
        with pytest.raises(Invalid) as refused:
            save(pieces, 0, values)
        assert refused.value.faults[0].code == "unknown_file"
    with pytest.raises(Refused):
        sent(pieces, "photo", picture(), "a.jpg", who="monitor")


def test_rows_and_history(pieces: Study, client_of: Any) -> None:
    """A file of a row is named there; one that another takes the place of stays, for the history shows it."""
    first = sent(pieces, "picture", picture(), "a.jpg")
    second = sent(pieces, "picture", picture("green"), "b.jpg")
    save(pieces, 0, {"lesion": [{"picture": first.value}]})
    entry = save(pieces, 1, {"lesion": [{"picture": second.value}]})
    assert Fragment.objects.filter(entry=entry).count() == 2
    held = attachments.of_entry(entry, pieces.form.published.loaded)
    assert {place: row.pk for place, row in held.items()} == {"lesion[0].picture": second.pk}
    Attachment.objects.update(created_at=timezone.now() - timedelta(days=9))
    attachments.sweep()
    assert content(client_of("member"), first).status_code == 200
    history = client_of("member").get(reverse("ecrf:history", args=["etude-sepsis", pieces.subject.pk, "pieces"]))
    assert str(first.pk) in history.content.decode()
    assert "b.jpg" in history.content.decode()


def test_what_nobody_saved(pieces: Study, client_of: Any) -> None:
    """A file that no record names is erased after a day, and not before."""
    found = sent(pieces, "photo", picture(), "a.jpg")
    attachments.sweep()
    assert content(client_of("member"), found).status_code == 200
    Attachment.objects.update(created_at=timezone.now() - timedelta(days=2))
    attachments.sweep()
    assert content(client_of("member"), found).status_code == 404
    found.file.refresh_from_db()
    assert found.file.erased_at is not None
    again = sent(pieces, "photo", picture(), "a.jpg")
    assert again.pk != found.pk


def test_a_locked_record_takes_no_file(pieces: Study) -> None:
    """Where nothing may be changed, nothing is sent either."""
    entry = save(pieces, 0, {"age": 40})
    locks.lock_entry(pieces.world.user["owner"], entry)
    with pytest.raises(Conflict):
        sent(pieces, "photo", picture(), "a.jpg")


def test_over_rest(pieces: Study, api_of: Any) -> None:
    """A program sends a file, saves its value, and reads it again."""
    form = {"subject": str(pieces.subject.pk), "form": "pieces", "item": "photo"}
    body = {**form, "file": SimpleUploadedFile("a.jpg", picture())}
    made = api_of("member").post("/api/v1/ecrf/attachments/", body, format="multipart")
    assert made.status_code == 201, made.content
    save(pieces, 0, {"photo": made.json()["value"]})
    row = api_of("member").get(f"/api/v1/ecrf/attachments/{made.json()['id']}/").json()
    assert row["saved"] is True
    answer = api_of("member").get(f"/api/v1/ecrf/attachments/{row['id']}/content/")
    assert Image.open(io.BytesIO(b"".join(answer.streaming_content))).size == (40, 30)
    assert api_of("stranger").get(f"/api/v1/ecrf/attachments/{row['id']}/content/").status_code == 404


def test_what_is_drawn_stands_on_the_casebook(pieces: Study) -> None:
    """Images that questions hold, in rows too, stand on the casebook as they were drawn; documents are only named."""
    photo, drawn = sent(pieces, "photo", picture(), "main.jpg"), sent(pieces, "picture", picture(kind="PNG"), "a.png")
    save(pieces, 0, {"photo": photo.value, "lesion": [{"picture": drawn.value}, {}]})
    member = pieces.world.user["member"]
    made = printing.print_casebook(member, pieces.subject, pieces.form, language="fr", history=True)
    assert made.count(b"/Subtype/Image") >= 2
    assert b"/DCTDecode" in made
    assert photo.digest not in text_of(made)
