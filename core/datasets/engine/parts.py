"""Some columns of an encrypted Parquet file, by each way of reading; the others are within nobody's reach."""

from __future__ import annotations

import io
import json
import os
import secrets
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.dataset as arrow_dataset
import pyarrow.parquet as pq
from pyarrow import fs as arrow_fs

from core.datasets.engine import writing
from core.files.engine import Decrypter, Memory
from core.files.engine.memory import sealed

HIDDEN = b"hidden_columns"
"""Key of a file's metadata that names, as JSON, the columns which aren't there."""
BATCH_ROWS = 50_000
HASHED_ROWS = "hashed_rows"


class Files(arrow_fs.FileSystemHandler):
    """What Arrow's dataset asks of a filesystem, for our one file."""

    def __init__(self, source: Callable[[], Decrypter]) -> None:
        self._source = source

    def get_type_name(self) -> str:
        return "dataset"

    def normalize_path(self, path: str) -> str:
        return path

    def get_file_info(self, paths: list[str]) -> list[arrow_fs.FileInfo]:
        with self._source() as source:
            return [arrow_fs.FileInfo(path, arrow_fs.FileType.File, size=source.size) for path in paths]

    def open_input_file(self, _path: str) -> pa.PythonFile:
        return pa.PythonFile(self._source(), mode="r")

    def _refuse(self, *_arguments: object) -> None:
        raise PermissionError("a dataset is only read")

    get_file_info_selector = create_dir = delete_dir = delete_dir_contents = delete_root_dir_contents = _refuse
    delete_file = move = copy_file = open_output_stream = open_append_stream = open_input_stream = _refuse


def part(source: Callable[[], Decrypter], columns: Sequence[str]) -> arrow_dataset.Dataset:
    """A dataset that has these columns and no other."""
    filesystem = arrow_fs.PyFileSystem(Files(source))
    fragment = arrow_dataset.ParquetFileFormat().make_fragment("data.parquet", filesystem)
    schema = fragment.physical_schema
    return arrow_dataset.FileSystemDataset(
        [fragment], pa.schema([schema.field(name) for name in columns]), fragment.format, filesystem
    )


@contextmanager
def connect(
    source: Callable[[], Decrypter], columns: Sequence[str], hashed: Sequence[str], *, memory: str, threads: int
) -> Iterator[duckdb.DuckDBPyConnection]:
    """As `reading.connect`, with a view `data` of some columns: no path leads to the file, so no SQL to the others.

    With `hashed` the view also has these, each value as a hash salted for this connection; the values themselves are in
    the reach of SQL then, which must be the caller's own.
    """
    config: dict[str, str | bool | int | float | list[str]] = {
        "threads": threads,
        "memory_limit": memory,
        "temp_directory": "",
        "autoinstall_known_extensions": False,
        "python_enable_replacements": False,
    }
    with duckdb.connect(config=config) as connection:
        if hashed:
            connection.register(HASHED_ROWS, part(source, [*columns, *hashed]))
            salt = secrets.token_hex(16)
            kept = ", ".join(map(quoted, columns))
            covered = ", ".join(
                f"CASE WHEN {quoted(name)} IS NOT NULL THEN hash('{salt}', {quoted(name)}) END AS {quoted(name)}"
                for name in hashed
            )
            connection.execute(f"CREATE VIEW data AS SELECT {kept}, {covered} FROM {HASHED_ROWS}")  # noqa: S608  quoted
        else:
            connection.register("data", part(source, columns))
        connection.execute("SET enable_external_access = false")
        connection.execute("SET lock_configuration = true")
        yield connection


def quoted(name: str) -> str:
    """A name as SQL takes it, whatever it holds."""
    return '"' + name.replace('"', '""') + '"'


def told_apart_by_case(names: Sequence[str]) -> list[str]:
    """Those of some names that another one equals but for its case: in SQL they are one."""
    counts = Counter(name.casefold() for name in names)
    return [name for name in names if counts[name.casefold()] > 1]


def names_in(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """The columns of the view `data` as SQL calls them: DuckDB renames one that another equals but for its case."""
    return [str(line[0]) for line in connection.execute("DESCRIBE data").fetchall()]


def rows_of(found: duckdb.DuckDBPyConnection) -> list[tuple[Any, ...]]:
    """What was found, by way of Arrow: DuckDB itself makes moments with a time zone only where pytz is installed."""
    return list(zip(*(column.to_pylist() for column in found.to_arrow_table().columns), strict=True))


@contextmanager
def memory(source: Callable[[], Decrypter], columns: Sequence[str], hidden: Sequence[str]) -> Iterator[Memory]:
    """These columns as a clear Parquet file in a sealed memfd, closed at the end."""
    fd = os.memfd_create("data", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    try:
        with os.fdopen(os.dup(fd), "wb") as sink:
            for piece in pieces(source, columns, hidden):
                sink.write(piece)
        yield sealed(fd)
    finally:
        os.close(fd)


def pieces(
    source: Callable[[], Decrypter],
    columns: Sequence[str],
    hidden: Sequence[str],
    said: Mapping[bytes, bytes] | None = None,
) -> Iterator[bytes]:
    """These columns as the bytes of a Parquet file, row group by row group; it names those that it lacks."""
    sink = Sink()
    with source() as file, pq.ParquetFile(file) as parquet:
        schema = pa.schema([parquet.schema_arrow.field(name) for name in columns])
        lacks = {HIDDEN: json.dumps(list(hidden), ensure_ascii=False).encode()} if hidden else {}
        about = schema.with_metadata({**lacks, **(said or {})})
        with writing.writer(sink, about) as writer:
            for number in range(parquet.num_row_groups):
                writer.write_table(parquet.read_row_group(number, columns=list(columns)).select(columns).cast(about))
                yield sink.taken()
    yield sink.taken()


class Sink(io.RawIOBase):
    """Takes what a writer writes until somebody asks for it."""

    def __init__(self) -> None:
        self._held = bytearray()
        self._length = 0

    def writable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._length

    def write(self, data: object) -> int:
        view = memoryview(data)  # type: ignore[arg-type]
        self._held += view
        self._length += view.nbytes
        return view.nbytes

    def taken(self) -> bytes:
        held, self._held = bytes(self._held), bytearray()
        return held
