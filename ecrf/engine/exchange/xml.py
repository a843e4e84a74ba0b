"""XML of users: parsed without entities or a DTD, each element with its line, subjects one after the other."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser, ParseError

from ecrf.engine.faults import Fault, Refused

MAX_BYTES = 500 * 1024 * 1024
MAX_DEPTH = 60
CHUNK = 64 * 1024

UNWRITABLE = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
ESCAPED = re.compile("[^ !#-%'-;=?-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What can't stand as it is in an attribute."""

Element = Any
"""An element of xml.etree with `line`, the line of the file where it begins."""


class Parser(DefusedXMLParser):
    """Keeps the line of each element, and sets apart the finished elements of one name."""

    def __init__(self, apart: str = "") -> None:
        super().__init__(forbid_dtd=True)
        self.apart = apart
        self.done: list[Element] = []
        self.root: Element = None
        self.path: list[Element] = []

    def _start(self, tag: str, attributes: Any) -> Element:
        element = super()._start(tag, attributes)
        element.line = self.parser.CurrentLineNumber
        self.path.append(element)
        if len(self.path) > MAX_DEPTH:
            raise Refused([Fault(f"line {element.line}", "xml_too_deep", {"limit": MAX_DEPTH})])
        return element

    def _end(self, tag: str) -> Element:
        element = super()._end(tag)
        self.path.pop()
        if self.apart and local(element) == self.apart:
            self.done.append(element)
            if self.path:
                self.path[-1].remove(element)
        return element


def parse(content: bytes) -> Element:
    """The root element. Raises Refused."""
    parser = Parser()
    for _ in fed(parser, content):
        pass
    return parser.root


def each(content: bytes, name: str) -> Iterator[Element]:
    """The elements of this name in their order; each is forgotten once the next one is taken. Raises Refused."""
    parser = Parser(name)
    for _ in fed(parser, content):
        yield from parser.done
        parser.done.clear()
    yield from parser.done


def fed(parser: Parser, content: bytes) -> Iterator[None]:
    if len(content) > MAX_BYTES:
        raise Refused([Fault("file", "file_too_large", {"limit": MAX_BYTES // 1024 // 1024})])
    try:
        for start in range(0, len(content), CHUNK):
            parser.feed(content[start : start + CHUNK])
            yield
        if not content.strip():
            raise Refused([Fault("file", "file_empty")])
        parser.root = parser.close()
    except DefusedXmlException as error:
        raise Refused([Fault("file", "xml_with_dtd")]) from error
    except ParseError as error:
        line = getattr(error, "position", (0, 0))[0]
        raise Refused([Fault(f"line {line}", "not_xml", {"detail": str(error)[:200]})]) from error
    except (ValueError, LookupError, UnicodeError) as error:
        raise Refused([Fault("file", "not_xml", {"detail": str(error)[:200]})]) from error


def local(element: Element) -> str:
    """The name without its namespace."""
    return str(element.tag).rpartition("}")[2]


def namespace(element: Element) -> str:
    return str(element.tag).rpartition("}")[0].removeprefix("{")


def children(element: Element | None, *names: str) -> Iterator[Element]:
    if element is not None:
        yield from (child for child in element if isinstance(child.tag, str) and (not names or local(child) in names))


def child(element: Element | None, name: str) -> Element | None:
    return next(children(element, name), None)


def text_of(element: Element | None) -> str:
    return "" if element is None else "".join(element.itertext()).strip()


def tag(name: str, attributes: dict[str, str | None], *inside: str) -> str:
    """An element as text; attributes that are None are left out. What is inside is XML already."""
    written = "".join([f" {key}={quoted(value)}" for key, value in attributes.items() if value is not None])
    content = "".join(inside)
    return f"<{name}{written}>{content}</{name}>" if content else f"<{name}{written}/>"


def quoted(text: str) -> str:
    """As the value of an attribute; most hold nothing that must be escaped."""
    return quoteattr(clean(text)) if ESCAPED.search(text) else f'"{text}"'


def words(text: str) -> str:
    return escape(clean(text))


def clean(text: str) -> str:
    """Without the signs that XML can't hold."""
    return UNWRITABLE.sub("", text) if UNWRITABLE.search(text) else text
