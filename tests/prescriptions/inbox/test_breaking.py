"""What people and machines do to a batch while it is read, and files that are made to do harm."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from core import jobs
from core.access.demo import World
from core.access.models import Membership
from core.access.services.members import end_membership
from core.errors import Conflict
from core.files.models import StoredFile
from core.jobs.models import Job
from prescriptions import queries, services
from prescriptions.models import Batch, Document, Item
from prescriptions.services import reading
from tests.prescriptions.inbox.conftest import Send
from tests.prescriptions.inbox.papers import pdf

ClientOf = Callable[[str], Client]
TEXTS = {f"{number}.txt": f"DOLIPRANE 1 g : {number} cp par jour".encode() for number in range(1, 6)}


def during(monkeypatch: pytest.MonkeyPatch, act: Callable[[], object], after: int = 2) -> None:
    """Have this done while a batch is read, once so many of its files are."""
    whole, count = reading.read_item, {"left": after}

    def read(*args: Any) -> None:
        whole(*args)
        count["left"] -= 1
        if count["left"] == 0:
            act()

    monkeypatch.setattr(reading, "read_item", read)


def states(batch: Batch) -> list[str]:
    return list(batch.items.order_by("position").values_list("state", flat=True))


def test_a_member_who_leaves_while_his_batch_is_read(
    world: World, send: Send, monkeypatch: pytest.MonkeyPatch, client_of: ClientOf
) -> None:
    """His job stops, he sees nothing any more; what was read stays, and somebody else has the rest read."""
    batch = send(TEXTS, read=False)
    services.read_batch(world.user["researcher"], batch)
    membership = Membership.objects.get(user=world.user["researcher"])
    during(monkeypatch, lambda: end_membership(world.user["owner"], membership))
    jobs.run_waiting()
    assert Job.objects.get().state == Job.State.CANCELLED
    assert states(batch) == [Item.State.READY] * 2 + [Item.State.WAITING] * 3
    assert not queries.batches_of(world.user["researcher"], world.project).exists()
    assert client_of("researcher").get(batch.get_absolute_url()).status_code == 302, "his session is over"
    assert client_of("owner").get(batch.get_absolute_url()).status_code == 200
    services.read_batch(world.user["owner"], batch)
    jobs.run_waiting()
    assert states(batch) == [Item.State.READY] * 5
    assert Document.objects.count() == 5


def test_a_batch_that_is_given_up_while_it_is_read(world: World, send: Send, monkeypatch: pytest.MonkeyPatch) -> None:
    """It isn't, as long as its job lives; once that is stopped, what waits is erased, and what was read stays."""
    batch = send(TEXTS, read=False)
    actor = world.user["researcher"]
    job = services.read_batch(actor, batch)

    def give_up() -> None:
        with pytest.raises(Conflict):
            services.drop_failed(actor, batch)
        jobs.cancel(actor, Job.objects.get(pk=job.pk))

    during(monkeypatch, give_up)
    jobs.run_waiting()
    assert services.drop_failed(actor, batch) == 3
    assert states(batch) == [Item.State.READY] * 2 + [Item.State.DROPPED] * 3
    assert StoredFile.objects.filter(erased_at=None).count() == 2


def test_a_prescription_deleted_while_its_batch_is_read(
    world: World, send: Send, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The batch goes on, and doesn't bring it back."""
    batch = send(TEXTS, read=False)
    services.read_batch(world.user["researcher"], batch)
    during(monkeypatch, lambda: services.delete_document(world.user["owner"], Document.objects.get(number=1)))
    jobs.run_waiting()
    assert states(batch) == [Item.State.READY] * 5
    assert Document.objects.filter(deleted_at=None).count() == 4


def png(side: int) -> bytes:
    """A white square of one bit a pixel: small to send, large to hold."""
    rows = zlib.compressobj(9)
    row = b"\x00" + b"\xff" * ((side + 7) // 8)
    data = b"".join(rows.compress(row) for _row in range(side)) + rows.flush()

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def bomb() -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("ordonnance.txt", bytes(60 << 20))
    return made.getvalue()


SVG = b"""<?xml version="1.0"?><!DOCTYPE svg [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>
<svg xmlns="http://www.w3.org/2000/svg"><text>&b;</text></svg>"""
HEIC = struct.pack(">I", 24) + b"ftypheic\x00\x00\x00\x00mif1heic" + struct.pack(">I", 4000) + b"meta" + bytes(60)
HARMFUL: dict[str, tuple[str, Callable[[], bytes], str]] = {
    "a zip bomb": ("all.zip", bomb, "archive"),
    "10,000 pages": ("scan.pdf", lambda: pdf(pages=[["x"]] * 10_000), "30"),
    "a picture of 900 million points": ("scan.png", lambda: png(30_000), "too large"),
    "a HEIC photo that is cut off": ("IMG_1.heic", lambda: HEIC, "damaged"),
    "an XML bomb that is called a picture": ("scan.png", lambda: SVG, "XML"),
}
"""What is sent -> (its name, how it is made, a word of what is said of it)."""


@pytest.mark.parametrize("case", HARMFUL)
def test_harmful_files(world: World, send: Send, case: str, client_of: ClientOf) -> None:
    """Each is refused with a sentence that says what is wrong, and the file beside it is read."""
    name, made, word = HARMFUL[case]
    world.user["researcher"].language = "en"
    world.user["researcher"].save()
    batch = send({name: made(), "b.txt": b"LASILIX 40 mg 1 cp le matin"})
    assert states(batch) == [Item.State.FAILED, Item.State.READY]
    assert word in batch.items.get(position=1).fault
    assert word in client_of("owner").get(batch.get_absolute_url()).content.decode()


def test_a_pdf_with_a_program_in_it(world: World, send: Send, client_of: ClientOf) -> None:
    """Its words are read; a browser is given a picture of its page, never the file."""
    action = b"<< /Type /Catalog /OpenAction << /S /JavaScript /JS (app.alert\\(1\\)) >> /Pages 2 0 R >>"
    batch = send({"scan.pdf": pdf().replace(b"<< /Type /Catalog /Pages 2 0 R >>", action)})
    assert states(batch) == [Item.State.READY]
    document = Document.objects.get()
    page = client_of("owner").get(reverse("prescriptions:page", args=[world.project.slug, document.pk, 1]))
    assert page["Content-Type"] == "image/png"
    assert page.content.startswith(b"\x89PNG")
    assert b"JavaScript" not in page.content


NAMES = {
    "slashes": ("../../etc/passwd.txt", "passwd.txt"),
    "backslashes": ("C:\\Users\\a\\ordo.txt", "C:\\Users\\a\\ordo.txt"),
    "right to left": ("ordo\u202ecod.txt", "ordo\u202ecod.txt"),
    "markup": ("<script>alert(1)<b>.txt", "&lt;script&gt;alert(1)&lt;b&gt;.txt"),
    "4 kB": ("a" * 4000 + ".txt", "a" * 127 + "…" + "a" * 123 + ".txt"),
}
"""What is odd about a name -> (the name, how the page shows it)."""


@pytest.mark.parametrize("case", NAMES)
def test_names_of_files(world: World, send: Send, client_of: ClientOf, case: str) -> None:
    """Whatever a file is called, it is read, and its name is text that changes nothing around it."""
    name, shown = NAMES[case]
    batch = send({name: b"LASILIX 40 mg 1 cp le matin", "b.txt": b"SERESTA 50 mg 1 cp"})
    assert states(batch) == [Item.State.READY] * 2
    assert f">{shown}</bdi>" in client_of("owner").get(batch.get_absolute_url()).content.decode()
