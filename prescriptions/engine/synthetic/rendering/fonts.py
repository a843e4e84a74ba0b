"""The free fonts of the pages, made into files that Typst reads; all under the SIL Open Font License 1.1."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from fontTools.ttLib import TTFont


@dataclass(frozen=True, slots=True)
class Face:
    """A family as its files call it, and the npm package that brings it."""

    family: str
    package: str
    hand: bool = False
    size: float = 10.5


FACES = (
    Face("Source Sans 3", "source-sans-3"),
    Face("JetBrains Mono", "jetbrains-mono", size=9),
    Face("Courier Prime", "courier-prime", size=10.5),
    Face("Caveat", "caveat", hand=True, size=15),
    Face("Kalam", "kalam", hand=True, size=12),
    Face("Architects Daughter", "architects-daughter", hand=True, size=11.5),
    Face("Indie Flower", "indie-flower", hand=True, size=13),
)
BUILT_IN = Face("Libertinus Serif", "")
"""Comes with Typst: there is always a face to set with."""


def prepare(packages: Path, target: Path) -> tuple[Face, ...]:
    """Convert the faces found under `packages` (node_modules/@fontsource) into `target`, once; give those there are."""
    target.mkdir(parents=True, exist_ok=True)
    found = []
    for face in FACES:
        made = target / f"{face.package}.ttf"
        source = packages / face.package / "files" / f"{face.package}-latin-400-normal.woff"
        if not made.exists():
            if not source.exists():
                continue
            convert(source, made)
        found.append(face)
    return tuple(found)


def convert(source: Path, made: Path) -> None:
    """A web font as an OpenType file; the half-made file is never under the final name."""
    font = TTFont(source)
    font.flavor = None
    unfinished = made.with_suffix(".part")
    font.save(unfinished)
    unfinished.replace(made)
