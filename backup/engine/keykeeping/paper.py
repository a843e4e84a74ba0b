"""A sheet of paper in French and English, with lines to type and a QR code: as data, as a page, as plain text."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape

import segno

_STYLE = """
@page { size: A4; margin: 14mm }
body { margin: 0; color: #000; background: #fff; font: 9.5pt/1.35 sans-serif }
article { break-after: page; break-inside: avoid }
article:last-child { break-after: auto }
h1 { margin: 0 0 3mm; font-size: 16pt }
.top { display: flex; gap: 8mm }
.top svg { flex: none; width: 66mm; height: 66mm }
dl { margin: 0; display: grid; grid-template-columns: auto 1fr; gap: 1mm 4mm; align-content: start }
dt { color: #333 }
dd { margin: 0; overflow-wrap: anywhere; font-family: monospace }
ol { margin: 3mm 0; padding-left: 5mm }
li { margin-bottom: 1mm }
pre { margin: 5mm 0 0; font: 11pt/1.6 monospace }
pre.many { columns: 2; column-gap: 4mm; font-size: 8.5pt; line-height: 1.9 }
[lang=en] { font-style: italic }
"""
_BORDER = 4
_MANY = 12
"""More lines than this stand in two columns."""
_BLOCKS = {(False, False): " ", (True, False): "▀", (False, True): "▄", (True, True): "█"}


@dataclass(frozen=True)
class Words:
    """The same in French and in English."""

    fr: str
    en: str


@dataclass(frozen=True)
class Paper:
    """One sheet: all that a template needs to print it."""

    title: Words
    facts: tuple[tuple[Words, str], ...]
    advice: tuple[Words, ...]
    lines: tuple[str, ...]
    code: str
    """What the QR code says."""

    @property
    def svg(self) -> str:
        """The QR code as an SVG element without any style, as a strict content security policy wants it."""
        return _drawn(self.code).svg_inline(border=_BORDER, omitsize=True, light="#fff", svgclass="qr", lineclass=None)


def plain(paper: Paper, *, dark: bool = False) -> str:
    """The sheet for a terminal or a text file; `dark` where the terminal writes light on dark."""
    facts = [f"{label.fr} / {label.en}: {value}" for label, value in paper.facts]
    advice = [f"{number}. {words.fr}\n   {words.en}" for number, words in enumerate(paper.advice, 1)]
    parts = (f"{paper.title.fr} / {paper.title.en}", *facts, "", *advice, "", *_blocks(paper.code, dark), *paper.lines)
    return "\n".join(parts) + "\n"


def page(papers: Sequence[Paper]) -> str:
    """A whole HTML file, a side of A4 for each sheet, that loads nothing, sends nothing and runs nothing."""
    digest = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
    head = (
        '<meta charset="utf-8">',
        f"<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'sha256-{digest}'\">",
        f"<title>{escape(papers[0].title.fr)}</title>",
        f"<style>{_STYLE}</style>",
    )
    body = "\n".join(map(_article, papers))
    return f'<!doctype html>\n<html lang="fr">\n{"".join(head)}\n<body>\n{body}\n</body>\n</html>\n'


def _article(paper: Paper) -> str:
    facts = "".join(f"<dt>{_both(label)}</dt><dd>{escape(value)}</dd>" for label, value in paper.facts)
    advice = "".join(f"<li>{_both(words, '<br>')}</li>" for words in paper.advice)
    lines, many = escape("\n".join(paper.lines)), ' class="many"' if len(paper.lines) > _MANY else ""
    return (
        f'<article>\n<h1>{_both(paper.title)}</h1>\n<div class="top">{paper.svg}<dl>{facts}</dl></div>\n'
        f"<ol>{advice}</ol>\n<pre{many}>{lines}</pre>\n</article>"
    )


def _both(words: Words, between: str = " / ") -> str:
    return f'{escape(words.fr)}{between}<span lang="en">{escape(words.en)}</span>'


def _drawn(code: str) -> segno.QRCode:
    """As little as carries the text, with what room is left spent on correcting what fades."""
    return segno.make_qr(code, error="m", boost_error=True)


def _blocks(code: str, dark: bool) -> Iterator[str]:
    """The QR code in half blocks, two rows to a line."""
    rows = [[bool(module) != dark for module in row] for row in _drawn(code).matrix_iter(border=_BORDER)]
    rows += [[dark] * len(rows[0])] * (len(rows) % 2)
    for upper, lower in zip(rows[::2], rows[1::2], strict=True):
        yield "".join(_BLOCKS[pair] for pair in zip(upper, lower, strict=True))
