"""Datasets: published whole, never changed, read by those who may, each reading in the journal."""

from __future__ import annotations

import threading
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from django.db import IntegrityError, connection, transaction

from core import access, datasets, files
from core.audit.models import Event
from core.datasets.engine import reading, writing
from core.datasets.models import Dataset, DatasetVersion
from core.errors import Invalid
from core.files.models import StoredFile


def test_what_is_published_is_read(world, version, table):
    """A version is read as it was published: as a table, by SQL, and as clear Parquet in memory."""
    owner, version = world.user["owner"], DatasetVersion.objects.get()
    assert datasets.table(owner, version).equals(table)
    with datasets.query(owner, version) as con:
        assert con.execute("SELECT sex, count(*) FROM data GROUP BY sex ORDER BY sex").fetchall() == [
            ("F", 3), ("M", 2), (None, 1)
        ]  # fmt: skip
    with datasets.memory(owner, version) as memory:
        assert pq.read_table(memory.path).equals(table)


def test_a_version_describes_its_columns(version):
    """The dictionary has the type, label, unit, codes and the number of missing values of every column, in order."""
    stay, sex, lactate = DatasetVersion.objects.get().columns
    assert stay == {
        "name": "stay", "type": "integer", "label": "", "label_en": "", "description": "", "unit": "", "codes": {},
        "missing_codes": [], "sensitivity": "", "missing": 0,
    }  # fmt: skip
    assert (sex["type"], sex["label"], sex["codes"], sex["missing"]) == (
        "text",
        "Sexe",
        {"F": "Femme", "M": "Homme"},
        1,
    )
    assert (lactate["type"], lactate["unit"], lactate["missing"]) == ("number", "mmol/L", 2)
    assert version.row_count == 6
    assert version.provenance == {"source": "test"}


def test_versions_count_up(world, version, table):
    """Publishing again makes version 2, with the new title; version 1 stays as it was."""
    again = datasets.publish(
        world.user["owner"], world.project, "stays", table.slice(0, 2), title="Séjours", provenance={}
    )
    assert again.dataset == version.dataset
    assert again.number == 2
    assert Dataset.objects.get().title == "Séjours"
    assert datasets.table(world.user["owner"], version).num_rows == 6


@pytest.mark.parametrize("act", ["change", "delete"])
def test_a_version_never_changes(version, act):
    """PostgreSQL refuses to change or delete a version, whoever asks."""
    rows = DatasetVersion.objects.filter(pk=version.pk)
    with pytest.raises(IntegrityError, match="never changes"), transaction.atomic():
        rows.update(row_count=7) if act == "change" else rows._raw_delete(rows.db)
    assert DatasetVersion.objects.get().row_count == 6


def test_nothing_clear_is_on_disk(world, version, disk):
    """Neither publishing nor reading leaves a clear Parquet file anywhere in the data folder."""
    with datasets.query(world.user["owner"], version) as con:
        con.execute("SELECT * FROM data").fetchall()
    stored = [path for path in disk.rglob("*") if path.is_file()]
    assert len(stored) == 1
    assert b"PAR1" not in stored[0].read_bytes()


def test_rows_are_streamed(world):
    """A reader is consumed batch by batch into several row groups, and its missing values are counted."""
    schema = pa.schema({"n": pa.int64()})
    size = reading.ROW_GROUP // 2 + 1

    def batches():
        for start in range(5):
            yield pa.record_batch([pa.array([None, *range(start * size + 1, (start + 1) * size)])], schema=schema)

    reader = pa.RecordBatchReader.from_batches(schema, batches())
    version = datasets.publish(world.user["owner"], world.project, "long", reader, title="Long", provenance={})
    assert version.row_count == 5 * size
    assert version.columns[0]["missing"] == 5
    with files.open(version.file) as file:
        assert pq.ParquetFile(file).num_row_groups >= 3
    with datasets.query(world.user["owner"], version) as con:
        assert con.execute("SELECT count(*), sum(n), max(n) FROM data").fetchone() == (
            5 * size, sum(range(5 * size)) - sum(start * size for start in range(5)), 5 * size - 1
        )  # fmt: skip


def test_an_empty_table_is_a_dataset(world):
    """No rows at all are published and read."""
    version = datasets.publish(
        world.user["owner"],
        world.project,
        "none",
        pa.table({"a": pa.array([], pa.int64())}),
        title="None",
        provenance={},
    )
    assert version.row_count == 0
    with datasets.query(world.user["owner"], version) as con:
        assert con.execute("SELECT count(*) FROM data").fetchone() == (0,)


def test_readings_are_in_the_journal(world, version):
    """Each reading is written down with who, which columns, by which way and what for."""
    owner = world.user["owner"]
    datasets.table(owner, version, ["sex"], purpose="check")
    with datasets.query(owner, version, purpose="plot"):
        pass
    with datasets.memory(owner, version):
        pass
    events = Event.objects.filter(action="datasets.version_read").order_by("pk")
    assert [(event.details["way"], event.details["purpose"], event.details["columns"]) for event in events] == [
        ("table", "check", ["sex"]), ("query", "plot", "all"), ("memory", "", "all")
    ]  # fmt: skip
    assert {event.actor_id for event in events} == {owner.pk}
    assert {event.project_id for event in events} == {world.project.pk}


def test_publishing_is_in_the_journal(world, version):
    """Who published what, with how many rows; never a value."""
    event = Event.objects.get(action="datasets.version_published")
    assert event.details["rows"] == 6
    assert event.details["digest"] == version.file.digest


READS = {
    "table": lambda actor, version: datasets.table(actor, version),
    "query": lambda actor, version: datasets.query(actor, version).__enter__(),
    "memory": lambda actor, version: datasets.memory(actor, version).__enter__(),
}


@pytest.mark.parametrize("way", READS)
@pytest.mark.parametrize("who", ["stranger", "member", "other_site", "monitor", "administrator"])
def test_who_may_not_read(world, version, way, who):
    """Who isn't given the whole project's data reads no row by any way, and no reading is written down as done."""
    with pytest.raises(access.Refused):
        READS[way](world.user[who], version)
    assert not Event.objects.filter(action="datasets.version_read").exists()


@pytest.mark.parametrize("who", ["stranger", "member", "monitor", "administrator"])
def test_who_may_not_publish(world, table, disk, who):
    """Publishing without the permission is refused before a byte is written."""
    with pytest.raises(access.Refused):
        datasets.publish(world.user[who], world.project, "stays", table, title="x", provenance={})
    assert [path for path in disk.rglob("*") if path.is_file()] == []


def test_every_fault_is_named(world, table, disk):
    """A dataset that can't be is refused whole, with every fault, and nothing is stored."""
    twice = table.append_column("sex", table["sex"])
    with pytest.raises(Invalid) as refused:
        datasets.publish(
            world.user["owner"], world.project, "Bad name", twice, title=" ", sensitivity="secret",
            columns=[datasets.Column("weight")], provenance={},
        )  # fmt: skip
    assert {(fault.place, fault.code) for fault in refused.value.faults} == {
        ("name", "bad_name"), ("title", "bad_title"), ("sensitivity", "unknown"), ("sex", "twice"), ("weight", "absent")
    }  # fmt: skip
    assert not StoredFile.objects.exists()


def test_names_that_differ_only_in_case(world):
    """SQL tells no capitals from small letters, so two columns that only they tell apart are refused."""
    with pytest.raises(Invalid) as refused:
        datasets.publish(
            world.user["owner"], world.project, "t", pa.table({"nir": ["1"], "NIR": ["x"], "sex": ["F"]}), title="T",
            provenance={},
        )  # fmt: skip
    assert [(fault.place, fault.code) for fault in refused.value.faults] == [("nir", "twice"), ("NIR", "twice")]


def test_a_reader_that_breaks_leaves_nothing(world, disk):
    """When the rows stop with an error, no version, no file and no draft is left."""
    schema = pa.schema({"n": pa.int64()})

    def broken():
        yield pa.record_batch([pa.array(range(10))], schema=schema)
        raise OSError("the source went away")

    with pytest.raises(OSError, match="went away"):
        datasets.publish(
            world.user["owner"],
            world.project,
            "broken",
            pa.RecordBatchReader.from_batches(schema, broken()),
            title="Broken",
            provenance={},
        )
    assert [path for path in disk.rglob("*") if path.is_file()] == []
    assert not Dataset.objects.exists()
    assert not StoredFile.objects.exists()


def test_a_version_that_fails_takes_its_file_along(world, table, disk, monkeypatch):
    """When the row of the version can't be written, its file is removed."""

    def fails(*_args, **_kwargs):
        raise RuntimeError("no")

    monkeypatch.setattr(DatasetVersion.objects, "create", fails)
    monkeypatch.setattr("core.datasets.services.publishing.DatasetVersion.objects.create", fails)
    with pytest.raises(RuntimeError):
        datasets.publish(world.user["owner"], world.project, "stays", table, title="x", provenance={})
    assert [path for path in disk.rglob("*") if path.is_file()] == []
    assert not StoredFile.objects.exists()


def test_past_memory_it_is_said(world, version, settings):
    """A reading that would need more memory than is allowed is refused in words; a query still answers."""
    settings.DATASETS_MEMORY = 100
    for read in (READS["table"], READS["memory"]):
        with pytest.raises(Invalid) as refused:
            read(world.user["owner"], version)
        assert refused.value.faults[0].code == "too_large"
    settings.DATASETS_MEMORY = 64 << 20
    with datasets.query(world.user["owner"], version) as con:
        assert con.execute("SELECT count(*) FROM data").fetchone() == (6,)


def test_an_unknown_column_is_refused(world, version):
    """Asked for a column that isn't there, the answer names it, and no reading is written down."""
    with pytest.raises(Invalid) as refused:
        datasets.table(world.user["owner"], version, ["sex", "weight"])
    assert [fault.place for fault in refused.value.faults] == ["weight"]
    assert not Event.objects.filter(action="datasets.version_read").exists()


def test_a_damaged_file_is_not_read(world, version, disk):
    """When the stored bytes were changed, no way of reading gives a row."""
    (path,) = [path for path in (disk / "files").rglob("*") if path.is_file()]
    raw = bytearray(path.read_bytes())
    raw[40] ^= 1
    path.write_bytes(bytes(raw))
    with pytest.raises(files.Damaged):
        datasets.table(world.user["owner"], version)
    with pytest.raises(duckdb.Error), datasets.query(world.user["owner"], version) as con:
        con.execute("SELECT * FROM data").fetchall()


REFUSED = [
    "SELECT * FROM read_csv('/etc/passwd')",
    "SELECT * FROM read_text('/proc/self/environ')",
    "SELECT * FROM glob('/*')",
    "COPY data TO '/tmp/leak.csv'",
    "COPY data TO 'dataset://leak.csv'",
    "COPY data TO 'dataset://data.parquet'",
    "EXPORT DATABASE '/tmp/leak'",
    "ATTACH '/tmp/leak.db'",
    "INSTALL httpfs",
    "LOAD '/tmp/leak.so'",
    "SET enable_external_access = true",
    "SET temp_directory = '/tmp/leak'",
    "SET memory_limit = '100GB'",
    "SELECT * FROM read_parquet('dataset://other.parquet')",
    "CREATE SECRET (TYPE s3)",
]


@pytest.mark.parametrize("statement", REFUSED)
def test_a_query_reaches_nothing_else(world, version, statement):
    """No file, network, extension or setting can be reached by the SQL of a query."""
    leaks = set(Path("/tmp").glob("leak*"))
    with datasets.query(world.user["owner"], version) as con, pytest.raises(duckdb.Error):
        con.execute(statement).fetchall()
    assert set(Path("/tmp").glob("leak*")) == leaks


def test_a_query_spills_nothing(world, version, settings, disk):
    """A query that needs more than its memory fails, rather than write clear rows to a disk."""
    settings.DATASETS_MEMORY = 32 << 20
    with datasets.query(world.user["owner"], version) as con, pytest.raises(duckdb.OutOfMemoryException):
        con.execute("SELECT count(*) FROM (SELECT DISTINCT random() AS r FROM range(20000000))").fetchall()
    assert sorted(path.name for path in disk.iterdir()) == ["drafts", "files"]


def test_threads_read_the_right_rows(world):
    """Many threads over one connection, and over one handle, each get the rows they asked for."""
    table = pa.table({"n": np.arange(1_000_000), "m": np.random.default_rng(1).integers(0, 10**9, 1_000_000)})
    version = datasets.publish(world.user["owner"], world.project, "numbers", table, title="Numbers", provenance={})
    expected = int(table["m"].to_numpy().sum())
    with reading.connect(files.opener(version.file), memory="512MB", threads=8) as con:
        for _ in range(10):
            assert con.execute("SELECT sum(m), count(*), max(n) FROM data").fetchone() == (expected, 10**6, 10**6 - 1)
    with files.open(version.file) as file:
        whole = file.read()
    handle, wrong = reading.Handle(files.opener(version.file)()), []

    def read(seed: int) -> None:
        rng = np.random.default_rng(seed)
        for start in rng.integers(0, len(whole) - 5000, 200).tolist():
            handle.seek(start)
            if handle.read(5000) != whole[start : start + 5000]:
                wrong.append(start)

    threads = [threading.Thread(target=read, args=(seed,)) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    handle.close()
    assert wrong == []


def test_a_dataset_can_be_stale(world, version, table):
    """What it was made from changed: said since the first change, until the next version."""
    datasets.mark_stale(world.project, "stays")
    since = Dataset.objects.get().stale_since
    datasets.mark_stale(world.project, "stays")
    assert since is not None
    assert Dataset.objects.get().stale_since == since
    datasets.publish(world.user["owner"], world.project, "stays", table, title="x", provenance={})
    assert Dataset.objects.get().stale_since is None
    datasets.mark_stale(world.project, "unknown")


@pytest.mark.django_db(transaction=True)
def test_publishers_who_meet_get_their_own_numbers(transactional_db, table, disk):
    """Two who publish the same dataset at once get versions 1 and 2."""
    from core.access.demo import build

    world, numbers = build(), []

    def publish() -> None:
        try:
            version = datasets.publish(world.user["owner"], world.project, "race", table, title="x", provenance={})
            numbers.append(version.number)
        finally:
            connection.close()

    threads = [threading.Thread(target=publish) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert sorted(numbers) == [1, 2]


@pytest.mark.parametrize(
    ("type_", "name"),
    [(pa.int32(), "integer"), (pa.float64(), "number"), (pa.decimal128(10, 2), "number"), (pa.bool_(), "boolean"),
     (pa.date32(), "date"), (pa.timestamp("us", "UTC"), "datetime"), (pa.time64("us"), "time"), (pa.string(), "text"),
     (pa.dictionary(pa.int8(), pa.string()), "text"), (pa.list_(pa.int8()), "list<item: int8>")],
)  # fmt: skip
def test_types_have_plain_names(type_, name):
    """A dictionary of variables speaks of integers, numbers, dates and text."""
    assert writing.kind(type_) == name


def test_visible_datasets(world, version):
    """Lists show datasets to the people of the whole project, and to nobody else."""
    seen = {who: Dataset.objects.visible_to(user).count() for who, user in world.user.items()}
    assert seen == {
        "owner": 1, "researcher": 1, "monitor": 1, "administrator": 1, "member": 0, "other_site": 0, "stranger": 0
    }  # fmt: skip
