"""The text of html`…` in a script, and the images of the project that it shows."""

from __future__ import annotations

from html.parser import HTMLParser

from ecrf.engine.exchange.goupile.values import Markup

FILES = "goupile:files/"
BLOCKS = frozenset(
    [
        "p",
        "div",
        "section",
        "article",
        "ul",
        "ol",
        "li",
        "table",
        "tr",
        "dl",
        "dt",
        "dd",
        "blockquote",
        "pre",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "br",
        "hr",
    ]
)
UNREAD = frozenset({"style", "script", "svg", "template", "iframe", "object"})


class Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.lines = [""]
        self.images: list[tuple[str, str]] = []
        self.unread: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag in UNREAD:
            self.unread.append(tag)
        elif tag == "img" and (given.get("src") or "").startswith(FILES):
            self.images.append(((given["src"] or "")[len(FILES) :], given.get("alt") or ""))
        elif tag in BLOCKS:
            self.lines.append("")

    def handle_endtag(self, tag: str) -> None:
        if self.unread and tag == self.unread[-1]:
            self.unread.pop()
        elif tag in BLOCKS:
            self.lines.append("")

    def handle_data(self, data: str) -> None:
        if not self.unread:
            self.lines[-1] += data


def markup(content: str) -> Markup:
    reader = Reader()
    reader.feed(content)
    reader.close()
    lines = (" ".join(line.split()) for line in reader.lines)
    return Markup("\n".join(line for line in lines if line), tuple(reader.images))
