"""The file of an edition: what `load_bdpm` writes, and whoever reads with it opens, whole, in a blink.

Zstandard around lines of text: a header that says what it is, the names with the rows that they name, one line of
search text for each product, and one line of JSON for each product, which is parsed only when somebody asks for it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, overload

import zstandard

from prescriptions.engine.medicines.lexicon import Term
from prescriptions.engine.reference.catalogue import About, Reference
from prescriptions.engine.reference.official import Unreadable
from prescriptions.engine.reference.product import Presentation, Product, Substance
from prescriptions.engine.schema import Quantity, Strength

FORMAT, VERSION = "interhop-medicines", 1
LARGEST = 512 << 20
"""Bytes, unpacked."""
LEVEL = 9


def dump(reference: Reference) -> bytes:
    """The file. The same edition gives the same bytes."""
    about = reference.about
    header = {
        "format": FORMAT, "version": VERSION, "name": about.name, "edition": about.edition, "sha256": about.sha256,
        "source": about.source, "licence": about.licence, "products": len(reference),
    }  # fmt: skip
    index = [[term.name, term.atc, term.kind] for term in reference.terms]
    names = {name: list(places) for name, places in reference.names.items()}
    cis = [product.cis for product in reference.products]
    lines = [header, [index, names, cis], *(_row(product) for product in reference.products)]
    written = [json.dumps(line, ensure_ascii=False, separators=(",", ":")) for line in lines]
    written[2:2] = reference.texts
    return zstandard.ZstdCompressor(LEVEL).compress("\n".join(written).encode())


def load(data: bytes) -> Reference:
    """The edition that `dump` wrote. Raises Unreadable for anything else."""
    try:
        with zstandard.ZstdDecompressor().stream_reader(data) as stream:
            content = stream.read(LARGEST + 1)
        if len(content) > LARGEST:
            raise Unreadable(f"the reference unfolds to more than {LARGEST >> 20} MB")
        lines = content.split(b"\n")
        header = json.loads(lines[0])
        if header.get("format") != FORMAT or header.get("version") != VERSION:
            raise Unreadable("this is no reference file of this version: make it again with load_bdpm")
        count = int(header["products"])
        index, names, cis = json.loads(lines[1])
        if len(lines) != 2 + 2 * count or len(cis) != count:
            raise Unreadable("the reference file is cut off")
        about = About(**{key: str(header[key]) for key in ("name", "edition", "sha256", "source", "licence")})
        terms = [Term(name, atc, kind, about.name) for name, atc, kind in index]
        texts = b"\n".join(lines[2 : 2 + count]).decode().split("\n") if count else []
        return Reference(about, Rows(lines[2 + count :]), terms, names, cis, texts)
    except (zstandard.ZstdError, ValueError, KeyError, TypeError, AttributeError, IndexError) as error:
        if isinstance(error, Unreadable):
            raise
        raise Unreadable(f"this is no reference file: {error}") from error


def read(path: Path) -> Reference:
    """The edition in a file. Raises Unreadable."""
    try:
        return load(path.read_bytes())
    except OSError as error:
        raise Unreadable(f"{path.name}: {error.strerror or error}") from error


class Rows(Sequence[Product]):
    """Products that are made of their lines when they are asked for, once."""

    def __init__(self, lines: list[bytes]) -> None:
        self._lines: list[bytes | Product] = list(lines)

    def __len__(self) -> int:
        return len(self._lines)

    @overload
    def __getitem__(self, place: int) -> Product: ...
    @overload
    def __getitem__(self, place: slice) -> list[Product]: ...
    def __getitem__(self, place: int | slice) -> Product | list[Product]:
        if isinstance(place, slice):
            return [self[one] for one in range(*place.indices(len(self)))]
        line = self._lines[place]
        if isinstance(line, bytes):
            self._lines[place] = line = _product(json.loads(line))
        return line

    def __iter__(self) -> Iterator[Product]:
        return (self[place] for place in range(len(self)))


def _row(product: Product) -> list[Any]:
    return [
        product.cis, product.name, product.brand,
        [[one.name, one.code, _size(one.strength)] for one in product.substances],
        product.form, product.form_code, product.routes, product.atc, product.atc_source, product.ucd,
        [[box.cip13, box.label, box.price, box.units] for box in product.presentations],
        product.generic_group, product.marketed, product.shortage, product.weight,
        [_size(strength) for strength in product.strengths], product.conditions, product.benefit,
        product.improvement,
    ]  # fmt: skip


def _product(row: list[Any]) -> Product:
    (cis, name, brand, substances, form, form_code, routes, atc, source, ucd, boxes, group, marketed, shortage, weight,
     strengths, conditions, benefit, *improvement) = row  # fmt: skip
    return Product(
        cis, name, brand, tuple(Substance(name, code, _strength(size)) for name, code, size in substances),
        form, form_code, tuple(routes), atc, source, tuple(ucd), tuple(Presentation(*box) for box in boxes),
        group, marketed, shortage, weight, tuple(filter(None, map(_strength, strengths))), tuple(conditions), benefit,
        *improvement,
    )  # fmt: skip


def _size(strength: Strength | None) -> list[Any] | None:
    if strength is None:
        return None
    per = strength.per
    return [strength.value, strength.unit, *([per.value, per.unit] if per else [])]


def _strength(size: list[Any] | None) -> Strength | None:
    if not size:
        return None
    value, unit, *per = size
    return Strength(value, unit, Quantity(per[0], unit=per[1]) if per else None)
