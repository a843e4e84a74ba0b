"""How fast an encrypted dataset is read, candidate by candidate, with a plain Parquet file as the limit.

``make bench``; BENCH_ROWS (default 5,000,000) makes it larger. All candidates answer in turn, five times: the medians
of wall and of CPU seconds are printed with their ratios to the plain file. CPU tells more on a machine that is busy.
"""

from __future__ import annotations

import io
import os
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.dataset as arrow_dataset
import pyarrow.parquet as pq
import pytest
from pyarrow import fs as arrow_fs

from core.datasets.engine import reading
from core.files.engine import Decrypter, Encrypter, in_memory

ROWS = int(os.environ.get("BENCH_ROWS", "5000000"))
ROUNDS = 5
KEY, FILE_ID = bytes(range(32)), bytes(16)
QUERIES = {
    "first rows": "SELECT * FROM {} LIMIT 50",
    "one column": "SELECT sum(day) FROM {}",
    "aggregate": "SELECT concept, count(*), sum(day) FROM {} GROUP BY concept ORDER BY concept",
    "one patient": "SELECT * FROM {} WHERE person = 4242 ORDER BY ALL",
    "all columns": "SELECT unit, count(*), sum(person), max(value), sum(day) FROM {} GROUP BY unit ORDER BY unit",
}


@dataclass(frozen=True)
class Stored:
    """The same table three ways."""

    plain: Path
    encrypted: Path
    own: Path

    def source(self) -> Decrypter:
        return Decrypter(io.FileIO(self.encrypted), KEY, FILE_ID)


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> Stored:
    folder = tmp_path_factory.mktemp("datasets")
    stored = Stored(folder / "plain.parquet", folder / "encrypted", folder / "own.parquet")
    write_plain(stored.plain)
    with stored.encrypted.open("wb") as sink, stored.plain.open("rb") as source:
        encrypter = Encrypter(sink, KEY, FILE_ID)
        while block := source.read(1 << 20):
            encrypter.write(block)
        encrypter.finish()
    with connection() as con:
        con.execute("SET force_mbedtls_unsafe = true")  # without the httpfs extension DuckDB refuses to write
        con.execute("PRAGMA add_parquet_key('k', '0123456789abcdef0123456789abcdef')")
        con.execute(
            f"COPY (FROM '{stored.plain}') TO '{stored.own}' (FORMAT parquet, COMPRESSION zstd,"
            f" ROW_GROUP_SIZE {reading.ROW_GROUP}, ENCRYPTION_CONFIG {{footer_key: 'k'}})"
        )
    return stored


def write_plain(path: Path) -> None:
    rng, step = np.random.default_rng(1), min(ROWS, 1_000_000)
    writer = None
    for _ in range(0, ROWS, step):
        table = pa.table(
            {
                "person": rng.integers(0, 500_000, step),
                "concept": rng.zipf(1.3, step).clip(max=2000).astype("int32"),
                "day": rng.integers(0, 4000, step).astype("int32"),
                "value": rng.normal(size=step),
                "unit": pa.array(np.array(["mmol/L", "g/L", "%"])[rng.integers(0, 3, step)]),
            }
        )
        writer = writer or pq.ParquetWriter(path, table.schema, compression="zstd")
        writer.write_table(table, row_group_size=reading.ROW_GROUP)
    assert writer is not None
    writer.close()


@contextmanager
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(config={"threads": 2, "memory_limit": "4GB"}) as con:
        yield con


Answer = list[tuple[object, ...]]


def plain(stored: Stored, query: str) -> Answer:
    with connection() as con:
        return con.execute(query.format(f"read_parquet('{stored.plain}')")).fetchall()


def own(stored: Stored, query: str) -> Answer:
    with connection() as con:
        con.execute("PRAGMA add_parquet_key('k', '0123456789abcdef0123456789abcdef')")
        source = f"read_parquet('{stored.own}', encryption_config = {{footer_key: 'k'}})"
        return con.execute(query.format(source)).fetchall()


def memfd(stored: Stored, query: str) -> Answer:
    with stored.source() as source, in_memory(source) as memory, connection() as con:
        return con.execute(query.format(f"read_parquet('{memory.path}')")).fetchall()


def filesystem(stored: Stored, query: str) -> Answer:
    with reading.connect(stored.source, memory="4GB", threads=2) as con:
        return con.execute(query.format("data")).fetchall()


class ArrowFiles(arrow_fs.FileSystemHandler):
    """What pyarrow's dataset asks of a filesystem, for our one file."""

    def __init__(self, stored: Stored) -> None:
        self.stored = stored

    def get_type_name(self) -> str:
        return "encrypted"

    def normalize_path(self, path: str) -> str:
        return path

    def get_file_info(self, paths: list[str]) -> list[arrow_fs.FileInfo]:
        with self.stored.source() as source:
            return [arrow_fs.FileInfo(path, arrow_fs.FileType.File, size=source.size) for path in paths]

    def open_input_file(self, _path: str) -> pa.PythonFile:
        return pa.PythonFile(self.stored.source(), mode="r")

    def _refuse(self, *_args: object) -> None:
        raise NotImplementedError

    get_file_info_selector = open_input_stream = open_output_stream = open_append_stream = create_dir = _refuse
    delete_dir = delete_dir_contents = delete_root_dir_contents = delete_file = move = copy_file = _refuse


def arrow(stored: Stored, query: str) -> Answer:
    files = arrow_fs.PyFileSystem(ArrowFiles(stored))
    with connection() as con:
        con.register("data", arrow_dataset.dataset("data", format="parquet", filesystem=files))
        return con.execute(query.format("data")).fetchall()


CANDIDATES: dict[str, Callable[[Stored, str], Answer]] = {
    "plain file": plain,
    "filesystem": filesystem,
    "memfd": memfd,
    "arrow dataset": arrow,
    "DuckDB's own": own,
}


def test_whole_file(stored: Stored, tmp_path: Path) -> None:
    """Encrypting into a file and decrypting from it, in turn with a plain copy of the same bytes."""
    clear = stored.plain.read_bytes()
    megabytes = len(clear) / 2**20

    def write_clear() -> None:
        (tmp_path / "clear").write_bytes(clear)

    def write_sealed() -> None:
        with (tmp_path / "sealed").open("wb") as sink:
            encrypter = Encrypter(sink, KEY, FILE_ID)
            encrypter.write(clear)
            encrypter.finish()

    def read_clear() -> None:
        assert len((tmp_path / "clear").read_bytes()) == len(clear)

    def read_sealed() -> None:
        with Decrypter(io.FileIO(tmp_path / "sealed"), KEY, FILE_ID) as source:
            assert len(source.read()) == len(clear)

    spent: dict[str, list[float]] = {}
    for _ in range(ROUNDS):
        for act in (write_clear, write_sealed, read_clear, read_sealed):
            start = time.perf_counter()
            act()
            spent.setdefault(act.__name__, []).append(time.perf_counter() - start)
    median = {name: statistics.median(times) for name, times in spent.items()}
    print(f"\n{megabytes:.0f} MiB")
    for act in ("write", "read"):
        sealed, plainly = (megabytes / median[f"{act}_{kind}"] for kind in ("sealed", "clear"))
        print(f"  {act:5} sealed {sealed:6.0f} MiB/s  clear {plainly:6.0f} MiB/s  x{plainly / sealed:.1f}")


@pytest.mark.parametrize("name", QUERIES)
def test_query(stored: Stored, name: str) -> None:
    """Every candidate gives the plain file's answer; the medians are printed."""
    spent: dict[str, list[tuple[float, float]]] = {candidate: [] for candidate in CANDIDATES}
    expected = None if name == "first rows" else plain(stored, QUERIES[name])
    for _ in range(ROUNDS):
        for candidate, answer_of in CANDIDATES.items():
            wall, cpu = time.perf_counter(), time.process_time()
            answer = answer_of(stored, QUERIES[name])
            spent[candidate].append((time.perf_counter() - wall, time.process_time() - cpu))
            assert expected is None or answer == expected, candidate
            assert answer
    medians = {
        candidate: tuple(statistics.median(column) for column in zip(*rounds, strict=True))
        for candidate, rounds in spent.items()
    }
    limit = medians["plain file"]
    print(f"\n{name}: {ROWS:,} rows, {stored.plain.stat().st_size / 2**20:.0f} MiB")
    for candidate, (wall, cpu) in medians.items():
        print(
            f"  {candidate:14} wall {wall:7.3f} s  x{wall / limit[0]:4.1f}   CPU {cpu:7.3f} s  x{cpu / limit[1]:4.1f}"
        )
