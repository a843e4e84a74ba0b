"""A consent on paper: exactly what was read, what was answered, and how it came about."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from ecrf.engine import consenting
from ecrf.engine.definition import Definition
from ecrf.engine.exchange.records import Attachment
from ecrf.engine.paper.images import drawable
from ecrf.engine.paper.press import pdf
from ecrf.engine.paper.tongue import NBSP, Tongue


@dataclass(frozen=True)
class Signed:
    """A consent at the moment when its page was saved complete."""

    definition: Definition
    page: str
    language: str
    """In which it was read."""
    study: str
    form_version: int
    subject: str
    site: str
    values: Mapping[str, Any]
    visible: frozenset[str]
    """The places of the questions that were asked."""
    at: datetime
    revision: int
    record_digest: str
    present: str = ""
    """Who was there; empty where the participant did it himself."""
    files: Mapping[str, Attachment] = field(default_factory=dict)


def consent_pdf(signed: Signed) -> bytes:
    """The PDF. Raises press.Unset."""
    made, images = values(signed)
    return pdf("consent.typ", made, signed.at, images)


def values(signed: Signed) -> tuple[dict[str, Any], dict[str, bytes]]:
    tongue = Tongue(signed.definition, signed.language)
    page = signed.definition.page(signed.page)
    consent = page.spec["consent"]
    title = tongue.text(page.title, page.key)
    version = tongue.word("sheet_version", version=consent["version"])
    given = consenting.is_given(consent, signed.values)
    images: dict[str, bytes] = {}
    data = {
        "language": tongue.base,
        "words": tongue.known,
        "title": title,
        "head": {"left": signed.study, "middle": title, "right": f"{signed.subject} · {version}"},
        "foot": f"{tongue.word('signed_at')}{NBSP if tongue.is_french else ''}: {tongue.moment(signed.at, zone=True)}",
        "about": version + (f" ({consent['approved']})" if "approved" in consent else ""),
        "sheet": [
            {"title": part["title"], "paragraphs": paragraphs(part["text"])}
            for part in consenting.read_in(consent, signed.language)
        ],
        "answers": list(answers(tongue, signed, images)),
        "result": tongue.word("given" if given else "refused"),
        "given": given,
        "facts": facts(tongue, signed, consent),
        "digests": [
            (tongue.word("sheet_digest"), consenting.digest(consent, signed.language)),
            (tongue.word("record_digest"), signed.record_digest),
        ],
    }
    return data, images


def paragraphs(text: str) -> list[str]:
    return [part.strip() for part in text.replace("\r\n", "\n").split("\n\n") if part.strip()]


def answers(tongue: Tongue, signed: Signed, images: dict[str, bytes]) -> Iterator[dict[str, Any]]:
    """Each question in its order: boxes with what was ticked, values in words, the signature as it was drawn."""
    page = signed.definition.page(signed.page)
    for item in page.items:
        if item.repeat or item.key not in signed.visible or item.spec.get("hidden"):
            continue
        stored = signed.values.get(item.key)
        made: dict[str, Any] = {"label": tongue.label(item.key), "kind": "value", "value": tongue.value(item, stored)}
        if item.kind == "output":
            made["kind"] = "text"
        elif item.codes and len(item.codes) <= 12:
            chosen = stored if isinstance(stored, list) else [stored]
            boxes = [(tongue.choice(item, code), code in chosen) for code in item.codes]
            made |= {"kind": "boxes", "boxes": boxes, "round": item.kind == "choice"}
        elif item.kind == "file":
            drawn = image(signed.files, stored, images)
            made |= {"kind": "image", "image": drawn, "value": tongue.word("no_signature")}
            if stored and not drawn:
                made |= {"kind": "value", "value": f"{tongue.word('file_kept')} ({stored})"}
        yield made


def image(files: Mapping[str, Attachment], stored: Any, images: dict[str, bytes]) -> str:
    attachment = files.get(stored) if isinstance(stored, str) else None
    if attachment is None or not (kind := drawable(attachment.content)):
        return ""
    name = f"image-{len(images)}.{kind}"
    images[name] = attachment.content
    return name


def facts(tongue: Tongue, signed: Signed, consent: Mapping[str, Any]) -> Sequence[tuple[str, str]]:
    form = f"{tongue.text(signed.definition.data['title'])}, {tongue.word('version', number=signed.form_version)}"
    present = (tongue.word("in_presence"), signed.present) if signed.present else (tongue.word("by_participant"), "✓")
    return [
        (tongue.word("subject"), signed.subject),
        (tongue.word("place"), signed.site),
        (tongue.word("read_in"), signed.language),
        (tongue.word("signed_at"), tongue.moment(signed.at, zone=True)),
        present,
        (tongue.word("form_version"), form),
        (tongue.word("record_revision"), str(signed.revision)),
    ]
