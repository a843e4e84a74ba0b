"""How much of a product is used: boxes reimbursed in a year, from the tables of Open Medic (Assurance Maladie)."""

from __future__ import annotations

import csv
import gzip
import io
from collections import defaultdict
from collections.abc import Container, Iterable
from pathlib import Path

from prescriptions.engine.reference.official import LARGEST, Box, Unreadable, number
from prescriptions.engine.reference.product import Product

CODES = ("cip13",)
BOXES = ("boites", "boites_delivrees")
AMOUNTS = ("rem", "remboursement_total")


def boxes_by_cis(data: bytes, rows: Iterable[Box], years: int) -> dict[str, float]:
    """CIS -> boxes a year, from a CSV table with a column of CIP13 and one of boxes or of euros reimbursed.

    Where only euros are given, they are divided by what is reimbursed of a box: its price times its rate. Raises
    Unreadable for a table without these columns, or with a number that isn't one.
    """
    sold = {row.cip13: row for row in rows}
    counted: dict[str, float] = defaultdict(float)
    for code, value, is_boxes in _table(data):
        if (box := sold.get(code)) is None:
            continue
        paid = 1.0 if is_boxes else (number(box.price) or 0.0) * (number(box.rate.rstrip("% ")) or 0.0) / 100
        if paid > 0:
            counted[box.cis] += value / paid / years
    return counted


def _table(data: bytes) -> Iterable[tuple[str, float, bool]]:
    text = data.decode("utf-8-sig", errors="replace")
    head = text.partition("\n")[0]
    rows = csv.reader(io.StringIO(text), delimiter=";" if head.count(";") > head.count(",") else ",")
    columns = [name.strip().lower() for name in next(rows, [])]
    at_code = _column(columns, CODES)
    at_boxes, at_amount = _column(columns, BOXES), _column(columns, AMOUNTS)
    at_value = at_boxes if at_boxes is not None else at_amount
    if at_code is None or at_value is None:
        raise Unreadable("Open Medic, line 1: a column cip13 and one of boites or rem are expected")
    for line, cells in enumerate(rows, 2):
        try:
            yield cells[at_code].strip(), float(cells[at_value].replace(",", ".")), at_boxes is not None
        except (ValueError, IndexError) as error:
            raise Unreadable(f"Open Medic, line {line}: {error}") from error


def _column(columns: list[str], names: tuple[str, ...]) -> int | None:
    return next((columns.index(name) for name in names if name in columns), None)


def table_in(path: Path) -> bytes:
    """The bytes of a CSV file, gzipped or not. Raises Unreadable."""
    try:
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as stream:
            data: bytes = stream.read(LARGEST + 1)
    except (OSError, EOFError) as error:
        raise Unreadable(f"{path.name}: {error}") from error
    if len(data) > LARGEST:
        raise Unreadable(f"{path.name} is larger than {LARGEST >> 20} MB")
    return data


def most_used(products: Iterable[Product], count: int, preferred: Container[str]) -> list[Product]:
    """About `count` products: the names that are used most, each whole, since strengths are compared with all of them.

    One product, the most used, for each strength and form of a name. `preferred` names come first.
    """
    named: dict[str, list[Product]] = defaultdict(list)
    for product in products:
        if product.marketed:
            named[product.brand].append(product)
    chosen: list[Product] = []

    def rank(brand: str) -> tuple[bool, float]:
        known = brand in preferred or brand.partition(" ")[0] in preferred
        return not known, -sum(product.weight for product in named[brand])

    for brand in sorted(named, key=rank):
        group = named[brand]
        best: dict[object, Product] = {}
        for product in sorted(group, key=lambda product: (product.weight, product.cis)):
            best[product.strengths, product.form] = product
        if len(chosen) + len(best) > count:
            break
        chosen.extend(best.values())
    return chosen
