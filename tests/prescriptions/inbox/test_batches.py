"""Files sent together: each becomes a prescription, or says why not; nothing is lost and nothing is there twice."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection

from core import files, jobs
from core.access.demo import World
from core.audit.models import Event
from core.errors import Conflict, Invalid
from core.files.models import StoredFile
from core.jobs.models import Job
from prescriptions import engine, services
from prescriptions.engine.scans import packing
from prescriptions.models import Batch, Document, Item, Line
from prescriptions.services import batches, reading, unpacking
from tests.prescriptions.inbox.conftest import Send
from tests.prescriptions.inbox.papers import ROWS, archive, pdf


def states(batch: Batch) -> list[str]:
    return list(batch.items.order_by("position").values_list("state", flat=True))


def test_a_file_becomes_a_prescription(world: World, send: Send) -> None:
    """Its text is read into lines, each word with its place on the page; the file itself is kept, under one key."""
    batch = send({"a.pdf": pdf()})
    item = batch.items.get()
    document = Document.objects.get()
    assert (item.state, item.document_id, item.pk) == (Item.State.READY, document.pk, document.pk)
    assert document.text.splitlines()[:3] == list(ROWS)
    assert [line.read.medication.name for line in document.lines.order_by("position")] == ["DOLIPRANE", "SERESTA"]
    with files.open(document.file) as kept:
        assert kept.read() == pdf()
    scan = packing.unpack(document.text, document.scan)
    start = document.text.index("DOLIPRANE")
    [(number, box)] = list(scan.boxes(start, start + 9))
    assert number == 1
    assert 0 < box.left < box.right < 1
    assert 0 < box.top < box.bottom < 0.3


def test_who_may_send(world: World) -> None:
    """Whoever may structure prescriptions sends files; members who may not, and strangers, don't."""
    for who in ("owner", "researcher"):
        assert services.start_batch(world.user[who], world.project)
    for who in ("member", "stranger"):
        with pytest.raises(PermissionDenied):
            services.start_batch(world.user[who], world.project)


def test_nothing_of_a_file_lies_clear(world: World, send: Send) -> None:
    """Neither the name of a file nor what is written in it is readable in a row or in the journal."""
    send({"Durand Jeanne.pdf": pdf()}, read=False)
    batch = send({"Durand Paul.pdf": pdf()})
    assert batch.items.get().name == "Durand Paul.pdf"
    with connection.cursor() as cursor:
        for table in ("prescriptions_item", "prescriptions_document", "prescriptions_line", "audit_event", "jobs_job"):
            cursor.execute(f"SELECT row_to_json(t)::text FROM {table} t")
            rows = " ".join(row[0] for row in cursor.fetchall())
            for secret in ("Durand", "DOLIPRANE", "douleur"):
                assert secret not in rows
                assert secret.encode().hex() not in rows


def test_the_same_file_twice_is_told(world: World, send: Send) -> None:
    """The second time leads to the prescription that there is, in the same batch, later, and after its deletion."""
    batch = send({"a.pdf": pdf(), "copy of a.pdf": pdf()})
    document = Document.objects.get()
    assert states(batch) == [Item.State.READY, Item.State.TWICE]
    services.delete_document(world.user["researcher"], document)
    again = send({"b.pdf": pdf()}, "owner")
    assert states(again) == [Item.State.TWICE]
    assert again.items.get().document == document
    assert Document.objects.count() == 1
    assert StoredFile.objects.filter(erased_at=None).count() == 1


HOSTILE = {
    "a program named like a scan": ("scan.pdf", b"MZ\x90\x00" + bytes(200), "genre"),
    "a page that is also a script": ("scan.pdf", b"%PDF-1.4\n<script>alert(1)</script>\n%%EOF", "deux genres"),
    "a name that lies": ("scan.png", pdf(), "nom"),
    "an empty file": ("scan.pdf", b"", "vide"),
    "a PDF that is cut off": ("scan.pdf", pdf()[:200] + b"\n%%EOF\n", "abîmé"),
    "an archive in an archive": ("all.zip", archive({"in.zip": archive({"a.pdf": pdf()})}), "archive"),
    "an archive that leads out": ("all.zip", archive({"../../etc/passwd": b"x"}), "dossier"),
    "a page without writing": ("scan.txt", b"   \n  ", "écriture"),
}


@pytest.mark.parametrize("case", HOSTILE)
def test_hostile_files_are_refused_in_words(world: World, send: Send, case: str) -> None:
    """What isn't a readable page says so in words at its own place, and the files beside it are read."""
    name, data, _word = HOSTILE[case]
    batch = send({name: data, "good.pdf": pdf()})
    assert states(batch)[0] == Item.State.FAILED
    assert Item.State.READY in states(batch)
    fault = batch.items.get(position=1).fault
    assert len(fault) > 10
    assert fault.endswith((".", "»"))


def test_archives_are_unpacked(world: World, send: Send) -> None:
    """Each file of an archive is one of the batch; what systems put beside them is passed over."""
    packed = archive(
        {
            "a.pdf": pdf("DOLIPRANE 1 g : 1 cp/j"),
            "dir/b.pdf": pdf(),
            "__MACOSX/._a.pdf": b"x",
            "c.txt": b"LASILIX 40 mg 1 cp le matin",
        }
    )
    batch = send({"all.zip": packed})
    assert not batch.items.get(position=1).fault
    assert states(batch) == [Item.State.UNPACKED, *[Item.State.READY] * 3]
    assert Document.objects.count() == 3
    assert Line.objects.count() == 4


def test_old_french_encodings(world: World, send: Send) -> None:
    """A text file in UTF-8, with a mark or not, or in the code page of older French programs, is the same text."""
    text = "Kétoprofène gélule 100 mg\r\n1 gélule à midi"
    batch = send(
        {
            f"{code}.txt": (text + " " * place).encode(code)
            for place, code in enumerate(("utf-8", "utf-8-sig", "cp1252"))
        }
    )
    assert states(batch) == [Item.State.READY] * 3
    assert {document.text.strip() for document in Document.objects.all()} == {text.replace("\r\n", "\n")}


class Killed(BaseException):
    """The worker's process is gone."""


@pytest.mark.parametrize("at", ["while reading", "before the commit", "after the commit"])
def test_a_killed_worker(world: World, send: Send, monkeypatch: pytest.MonkeyPatch, at: str) -> None:
    """Killed at any moment, the batch goes on: each file becomes one prescription, none is lost."""
    sent = {f"{number}.txt": f"DOLIPRANE 1 g : {number} cp par jour".encode() for number in range(1, 6)}
    batch = send(sent, read=False)
    services.read_batch(world.user["researcher"], batch)
    count = {"left": 2}
    whole = reading.read_item

    def killed(actor: object, item: Item, fenced: reading.Fenced) -> None:
        count["left"] -= 1
        if count["left"] >= 0:
            return whole(actor, item, fenced)

        @contextmanager
        def broken() -> Iterator[None]:
            with fenced():
                yield
                if at == "before the commit":
                    raise Killed

        if at == "while reading":
            raise Killed
        whole(actor, item, broken)
        raise Killed

    monkeypatch.setattr(reading, "read_item", killed)
    with pytest.raises(Killed):
        jobs.run_waiting()
    monkeypatch.setattr(reading, "read_item", whole)
    Job.objects.filter(pk=batch_job(batch)).update(state=Job.State.WAITING, lease_until=None, worker="")
    jobs.run_waiting()
    assert states(batch) == [Item.State.READY] * 5
    assert sorted(document.text[:30] for document in Document.objects.all()) == sorted(
        data.decode()[:30] for data in sent.values()
    )
    assert Document.objects.count() == 5


def batch_job(batch: Batch) -> object:
    batch.refresh_from_db()
    return batch.job_id


def test_a_killed_worker_in_an_archive(world: World, send: Send, monkeypatch: pytest.MonkeyPatch) -> None:
    """An archive that was half unpacked goes on after the last files that were taken out; none is kept twice."""
    monkeypatch.setattr(unpacking, "TOGETHER", 2)
    packed = archive({f"{number}.txt": f"DOLIPRANE 1 g : {number} cp".encode() for number in range(1, 7)})
    batch = send({"all.zip": packed}, read=False)
    services.read_batch(world.user["researcher"], batch)
    whole, count = unpacking.enter, {"left": 2}

    def killed(*args: Any) -> None:
        whole(*args)
        count["left"] -= 1
        if count["left"] == 0:
            raise Killed

    monkeypatch.setattr(unpacking, "enter", killed)
    with pytest.raises(Killed):
        jobs.run_waiting()
    assert batch.items.count() == 1 + 2
    assert StoredFile.objects.count() == 1 + 2
    monkeypatch.setattr(unpacking, "enter", whole)
    Job.objects.filter(pk=batch_job(batch)).update(state=Job.State.WAITING, lease_until=None, worker="")
    jobs.run_waiting()
    assert states(batch) == [Item.State.UNPACKED, *[Item.State.READY] * 6]
    assert Document.objects.count() == 6


def test_an_archive_of_many_files(world: World, send: Send, monkeypatch: pytest.MonkeyPatch) -> None:
    """Taken out by groups, each file keeps its own content; one that is too large fails in words, and alone."""
    monkeypatch.setattr(unpacking, "AT_ONCE", 3)
    monkeypatch.setattr(unpacking, "LARGEST", 1000)
    sent = {f"{number}.txt": f"LASILIX {number} mg 1 cp le matin".encode() for number in range(1, 9)}
    batch = send({"all.zip": archive({"0.txt": b"a" * 2000, **sent})})
    assert states(batch) == [Item.State.UNPACKED, Item.State.FAILED, *[Item.State.READY] * 8]
    assert batch.items.get(position=2).fault
    assert {item.name: item.document.text for item in batch.items.exclude(document=None)} == {
        name: data.decode() for name, data in sent.items()
    }


def test_an_archive_that_the_batch_has_no_place_for(world: World, send: Send, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is refused whole, before any of its files is entered."""
    monkeypatch.setattr(batches, "MOST", 3)
    batch = send({"all.zip": archive({f"{number}.txt": b"LASILIX 40 mg" for number in range(3)})})
    assert states(batch) == [Item.State.FAILED]
    assert "3" in batch.items.get().fault


def test_a_file_that_breaks_its_reader_is_given_up(world: World, send: Send) -> None:
    """After three readings that were broken off, a file fails in words, and the others are read."""
    batch = send({"a.pdf": pdf(), "b.txt": b"LASILIX 40 mg 1 cp"}, read=False)
    Item.objects.filter(batch=batch, position=1).update(state=Item.State.READING, tries=reading.TRIES)
    services.read_batch(world.user["researcher"], batch)
    jobs.run_waiting()
    assert states(batch) == [Item.State.FAILED, Item.State.READY]
    assert batch.items.get(position=1).fault


def test_retry_and_drop(world: World, send: Send) -> None:
    """What failed is read again when asked, and erased when it isn't wanted any more."""
    batch = send({"a.pdf": b"%PDF-1.4 nothing %%EOF", "b.txt": b"LASILIX 40 mg 1 cp"})
    assert states(batch) == [Item.State.FAILED, Item.State.READY]
    services.retry_failed(world.user["owner"], batch)
    with pytest.raises(Conflict):
        services.retry_failed(world.user["owner"], batch)
    with pytest.raises(Conflict):
        services.drop_failed(world.user["owner"], batch)
    jobs.run_waiting()
    assert states(batch) == [Item.State.FAILED, Item.State.READY]
    assert services.drop_failed(world.user["owner"], batch) == 1
    assert states(batch) == [Item.State.DROPPED, Item.State.READY]
    assert StoredFile.objects.filter(erased_at=None).count() == 1
    assert Event.objects.filter(action="prescriptions.files_dropped").count() == 1


def test_a_stopped_batch_goes_on(world: World, send: Send) -> None:
    """A batch whose job was stopped keeps its files; they are read when somebody asks again."""
    batch = send({"a.txt": b"LASILIX 40 mg 1 cp"}, read=False)
    job = services.read_batch(world.user["researcher"], batch)
    jobs.cancel(world.user["researcher"], job)
    jobs.run_waiting()
    assert states(batch) == [Item.State.WAITING]
    services.read_batch(world.user["researcher"], batch)
    jobs.run_waiting()
    assert states(batch) == [Item.State.READY]


def test_nothing_is_added_once_it_is_read(world: World, send: Send) -> None:
    """Files sent to a batch that is being read are refused, and nothing of them is kept."""
    batch = send({"a.txt": b"LASILIX 40 mg 1 cp"})
    with pytest.raises(Conflict):
        services.add_files(world.user["researcher"], batch, [("b.txt", io.BytesIO(b"x"))])
    with pytest.raises(Invalid):
        services.read_batch(world.user["researcher"], batch)
    assert StoredFile.objects.count() == 1


def test_files_that_nobody_reads_are_erased(world: World, send: Send) -> None:
    """A month after it was sent, what failed or was never read is erased."""
    batch = send({"a.pdf": b"%PDF-1.4 nothing %%EOF"})
    assert batches.expire() == 0
    Item.objects.update(created_at=batch.created_at - 2 * batches.KEPT)
    assert batches.expire() == 1
    assert states(batch) == [Item.State.DROPPED]
    assert not StoredFile.objects.filter(erased_at=None).exists()


def test_scans_are_kept_short() -> None:
    """What is packed of a scan unfolds to the same places, to a tenth of a pixel."""
    from prescriptions.engine.scans.page import Box, Page, Scan, Word

    scan = Scan("ab\n", (Page(1, 595.0, 842.0, "text", (Word(0, 2, Box(0.1, 0.2, 0.3, 0.4), 0.5),), 1.5),))
    assert packing.unpack(scan.text, packing.pack(scan)) == scan
    assert engine.LONGEST == 100_000
