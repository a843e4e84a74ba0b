"""Small files of every format that is read, made here; and what bad luck or bad will may make of them."""

from __future__ import annotations

import io
import random
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import openpyxl
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pyreadstat

FRAME = pd.DataFrame({"a": [1.0, 2.5, None], "b": ["x", "é", ""], "d": pd.to_datetime(["2026-01-02"] * 3)})


def csv() -> Iterator[bytes]:
    yield "id;nom;lactate\n1;Éloïse;2,5\n2;Yann;\n".encode("cp1252")
    yield 'a,b\n1,"x ""y"" z"\n2,"two\nlines"\n'.encode("utf-8-sig")
    yield "a\tb\n1\t2026-01-02 03:04:05+01:00\n".encode("utf-16")
    yield b"just one line"


def parquet() -> Iterator[bytes]:
    for compression in ("zstd", "snappy", "none"):
        data = io.BytesIO()
        table = pa.table({"a": [1, None, 3], "b": ["x", "é", None], "l": pa.array(["u", "v", "u"]).dictionary_encode()})
        pq.write_table(table, data, compression=compression, write_page_index=True)
        yield data.getvalue()


def xlsx() -> Iterator[bytes]:
    book = openpyxl.Workbook()
    for row in (["a", "b", None], [1, "=A2*2", "x"], [2.5, "#REF!", True]):
        book.active.append(row)
    book.active.merge_cells("A5:B6")
    book.create_sheet("Autre").append(["c"])
    data = io.BytesIO()
    book.save(data)
    yield data.getvalue()


def statistical(form: str) -> Callable[[], Iterator[bytes]]:
    def made() -> Iterator[bytes]:
        path = Path("/dev/shm") / f"fuzz-{random.getrandbits(64):x}.{form}"
        write = {"sav": pyreadstat.write_sav, "dta": pyreadstat.write_dta, "xpt": pyreadstat.write_xport}[form]
        try:
            write(FRAME, path, column_labels={"a": "A [mmol/L]"})
            yield path.read_bytes()
        finally:
            path.unlink(missing_ok=True)

    return made


SAS7BDAT = bytes.fromhex("000000000000000000000000c2ea8160b31411cfbd92080009c7318c181f1011") + bytes(4064)
"""The head of a file of SAS: nothing free writes a whole one."""
SEEDS: dict[str, Callable[[], Iterator[bytes]]] = {
    "csv": csv,
    "parquet": parquet,
    "xlsx": xlsx,
    "sav": statistical("sav"),
    "dta": statistical("dta"),
    "xpt": statistical("xpt"),
    "sas7bdat": lambda: iter([SAS7BDAT]),
}


def mutated(data: bytes, rng: random.Random) -> bytes:
    """The file with some of its bytes changed, left out, doubled, cut off or grown; a packed one also inside."""
    if data.startswith(b"PK") and rng.random() < 0.7:
        return repacked(data, rng)
    made = bytearray(data)
    for _ in range(rng.choice((1, 1, 2, 4, 16))):
        if not made:
            break
        place = rng.randrange(len(made))
        act = rng.randrange(6)
        if act == 0:
            made[place] = rng.randrange(256)
        elif act == 1:
            made[place] ^= 1 << rng.randrange(8)
        elif act == 2:
            del made[place : place + rng.choice((1, 4, 64))]
        elif act == 3:
            made[place:place] = made[place : place + rng.choice((1, 8, 256))]
        elif act == 4:
            number = rng.choice((0, 1, 0x7FFFFFFF, 0xFFFFFFFF, 0x80000000, 65535)).to_bytes(
                4, rng.choice(("little", "big"))
            )
            made[place : place + 4] = number
        else:
            del made[place:]
    return bytes(made)


def repacked(data: bytes, rng: random.Random) -> bytes:
    """A workbook whose parts were changed, packed again so that it opens."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            part = old.read(name)
            new.writestr(name, mutated(part, rng) if rng.random() < 0.3 and not part.startswith(b"PK") else part)
    return made.getvalue()
