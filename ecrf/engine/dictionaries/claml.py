"""ClaML, the XML in which classifications such as ICD-10 are given out: classes, what is above them, their labels."""

from __future__ import annotations

from xml.etree.ElementTree import Element

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import ParseError, fromstring

from ecrf.engine.dictionaries.terms import Term
from ecrf.engine.faults import Fault

DEEPEST = 12


def read(content: bytes) -> tuple[list[Term], tuple[str, ...], list[Fault]]:
    try:
        root: Element = fromstring(content)
    except (ParseError, DefusedXmlException, ValueError):
        return [], (), [Fault("", "not_xml")]
    labels: dict[str, str] = {}
    above: dict[str, str] = {}
    kinds: dict[str, str] = {}
    synonyms: dict[str, list[str]] = {}
    for one in root.iter("Class"):
        code = one.get("code", "")
        kinds[code] = one.get("kind", "")
        if (parent := one.find("SuperClass")) is not None:
            above[code] = parent.get("code", "")
        for rubric in one.findall("Rubric"):
            for text in rubric.findall("Label"):
                words = " ".join("".join(text.itertext()).split())
                if rubric.get("kind") == "preferred":
                    labels.setdefault(code, words)
                elif rubric.get("kind") == "inclusion" and words:
                    synonyms.setdefault(code, []).append(words[:500])
    found = [
        Term(code, label[:500], way(code, above, labels), tuple(synonyms.get(code, ())[:50]))
        for code, label in labels.items()
        if kinds.get(code) == "category"
    ]
    return found, ("chapter", "block", "category"), []


def way(code: str, above: dict[str, str], labels: dict[str, str]) -> tuple[tuple[str, str], ...]:
    found: list[tuple[str, str]] = []
    while (code := above.get(code, "")) and len(found) < DEEPEST:
        found.append((code, labels.get(code, code)))
    return tuple(reversed(found))
