"""Boxes of what is said on each page, as a COCO object detection file (https://cocodataset.org/#format-data)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from prescriptions.engine.scans.page import Box
from prescriptions.engine.synthetic import records
from prescriptions.engine.synthetic.documents import Document
from prescriptions.engine.synthetic.rendering.boxes import Placed, around
from prescriptions.engine.synthetic.rendering.images import Shown

Json = dict[str, Any]
CATEGORIES = tuple(sorted({*records.LABELS.values(), *records.PARENTS.values()}))


def page(document: Document, shown: Shown, name: str, condition: str) -> Json:
    """One page: its image, and a box for each row of each value, in pixels: left, top, width, height."""
    width, height = shown.image.size
    placed = {one.offset: one for one in shown.placed}
    boxes = []
    for span in document.spans:
        for row in rows([placed[at] for at in range(span.start, span.end) if at in placed]):
            box = around([one.box for one in row])
            left, top = round(box.left * width, 1), round(box.top * height, 1)
            sides = [left, top, round(box.right * width - left, 1), round(box.bottom * height - top, 1)]
            boxes.append({"label": records.label(span.path), "path": span.path, "text": span.text, "bbox": sides})
    image = {"file_name": name, "width": width, "height": height, "document": document.id, "page": shown.number,
             "split": document.split, "condition": condition}  # fmt: skip
    return {"image": image, "boxes": boxes}


def rows(placed: list[Placed]) -> Iterator[list[Placed]]:
    """Characters that stand in one written row: each begins right of where the one before began."""
    row: list[Placed] = []
    for one in placed:
        if row and not follows(row[-1].box, one.box):
            yield row
            row = []
        row.append(one)
    if row:
        yield row


def follows(before: Box, after: Box) -> bool:
    return (
        after.left > before.left
        and after.top < before.bottom
        and before.top < after.bottom + (after.bottom - after.top)
    )


def file(pages: Iterable[Json]) -> Iterator[str]:
    """The whole file from its pages, piece by piece: only what describes the images is held."""
    categories = [{"id": number, "name": name} for number, name in enumerate(CATEGORIES, 1)]
    numbers = {category["name"]: category["id"] for category in categories}
    info = {"description": "Fictitious French ordonnances", "version": "1"}
    yield json.dumps({"info": info, "licenses": [], "categories": categories}, ensure_ascii=False)[:-1]
    yield ', "annotations": ['
    images, count = [], 0
    for number, found in enumerate(pages, 1):
        images.append({"id": number, **found["image"]})
        for box in found["boxes"]:
            count += 1
            made = {
                "id": count, "image_id": number, "category_id": numbers[box["label"]], "bbox": box["bbox"],
                "area": round(box["bbox"][2] * box["bbox"][3], 1), "iscrowd": 0, "text": box["text"],
                "path": box["path"],
            }  # fmt: skip
            yield (", " if count > 1 else "") + json.dumps(made, ensure_ascii=False)
    yield f'], "images": {json.dumps(images, ensure_ascii=False)}}}\n'
