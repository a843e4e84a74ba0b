"""RapidOCR (PP-OCRv6): the models come with its wheel, nothing is fetched.

Its classifier of upside-down lines is off: it turns long lines that stand upright (measured: 3 % of them).
"""

from __future__ import annotations

import os
from functools import lru_cache
from typing import Any

import numpy as np

from prescriptions.engine.scans.geometry import Pixels
from prescriptions.engine.scans.voices.heard import Line, Said, said

THREADS = max(1, (os.cpu_count() or 2) // 2)


@lru_cache(maxsize=1)
def reader() -> Any:
    """The models, read once in a process."""
    from rapidocr import RapidOCR

    return RapidOCR(
        params={
            "Global.use_cls": False,
            "Global.log_level": "critical",
            "EngineConfig.onnxruntime.intra_op_num_threads": THREADS,
            "EngineConfig.onnxruntime.inter_op_num_threads": 1,
        }
    )


def hear(pixels: Pixels) -> list[Line]:
    """The lines of a page, as far as they are found."""
    answer = reader()(np.ascontiguousarray(pixels[:, :, ::-1]), return_word_box=True)
    if answer.boxes is None:
        return []
    lines = []
    for corners, words in zip(answer.boxes, answer.word_results, strict=True):
        found = tuple(one for text, sure, around in words if (one := _said(text, sure, around)))
        if found:
            lines.append(Line(np.asarray(corners, np.float64), found))
    return lines


def _said(text: str, sure: float, around: Any) -> Said | None:
    if around is None:
        return None
    points = np.asarray(around, np.float64)
    (left, top), (right, bottom) = points.min(axis=0), points.max(axis=0)
    return said(text, (float(left), float(top), float(right), float(bottom)), float(sure))
