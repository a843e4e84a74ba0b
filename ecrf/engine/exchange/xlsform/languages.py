"""Names of languages as spreadsheets write them, and codes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from ecrf.engine.redcap.labels import plain

CODE = re.compile(r"[a-z]{2,3}(?:-[A-Za-z0-9]{2,8})?")
IN_PARENTHESES = re.compile(r"\(([a-z]{2,3}(?:-[A-Za-z0-9]{2,8})?)\)\s{0,3}$")
KNOWN = {
    "english": "en", "anglais": "en", "french": "fr", "français": "fr", "francais": "fr", "spanish": "es",
    "español": "es", "portuguese": "pt", "português": "pt", "german": "de", "deutsch": "de", "italian": "it",
    "arabic": "ar", "chinese": "zh", "hindi": "hi", "swahili": "sw", "kiswahili": "sw", "russian": "ru",
    "turkish": "tr", "urdu": "ur", "bengali": "bn", "amharic": "am", "somali": "so", "nepali": "ne",
    "vietnamese": "vi", "indonesian": "id", "burmese": "my", "khmer": "km", "dutch": "nl", "breton": "br",
}  # fmt: skip
NATIVE = {"en": "English (en)", "fr": "Français (fr)", "es": "Español (es)", "de": "Deutsch (de)"}
DEFAULT = "default"
MOST = 20
TEXTS = ("label", "hint", "guidance_hint")
REFERENCE = re.compile(r"\$\{[^{}]{1,200}\}")


class Languages:
    """The languages of a workbook: what each is called there, and its code here."""

    def __init__(self, survey: Mapping[str, Any], language: str) -> None:
        self.codes: dict[str, str] = {}
        default = str(survey.get("default_language", DEFAULT))
        said = [name for name in dict.fromkeys(names_in(survey)) if name != DEFAULT]
        if default in said:
            said = [default, *(name for name in said if name != default)]
        spare = iter(f"qa{letter}" for letter in "abcdefghijklmnopqrst")
        for name in said[:MOST]:
            code = code_of(name)
            if code is None or code in self.codes.values():
                code = next(spare)
            self.codes[name] = code
        taken = self.codes.values()
        if default != DEFAULT:
            self.first = self.codes.get(default) or code_of(default) or language
        elif said and not apart(survey, said[0]):
            self.first = self.codes[said[0]]
        else:  # what stands in no language is one of its own
            self.first = language if language not in taken else next(spare)
        if self.first not in taken:
            self.codes = {DEFAULT: self.first, **self.codes}

    @property
    def order(self) -> list[str]:
        return [*dict.fromkeys(self.codes.values())]

    def texts(self, value: Any) -> dict[str, str]:
        """By code: what is said in a language goes before what is said in none."""
        if value is None:
            return {}
        said = value if isinstance(value, Mapping) else {DEFAULT: value}
        made: dict[str, str] = {}
        for name, text in said.items():
            code = self.codes.get(name, self.first)
            if text not in (None, "") and (name != DEFAULT or code not in made):
                made[code] = str(text)
        return {code: made[code] for code in self.order if code in made}

    def source(self) -> dict[str, str]:
        """What they are called, where that isn't what they would be called anyway."""
        return {
            f"xlsform.language.{code}": "" if name == DEFAULT else name
            for name, code in self.codes.items()
            if name == DEFAULT or name != suffix_of(code)
        }


def code_of(name: str) -> str | None:
    found = IN_PARENTHESES.search(name)
    if found:
        return found[1]
    plain_name = name.strip().lower()
    return KNOWN.get(plain_name) or (plain_name if CODE.fullmatch(plain_name) else None)


def suffix_of(code: str) -> str:
    """What a language is called in a workbook of ours."""
    return NATIVE.get(code, code)


def apart(part: Any, name: str) -> bool:
    """Whether some text is said both in no language and in this one, so that they aren't the same."""
    if isinstance(part, Mapping):
        return any(
            DEFAULT in value and name in value if each in TEXTS and isinstance(value, Mapping) else apart(value, name)
            for each, value in part.items()
        )
    return isinstance(part, list) and any(apart(each, name) for each in part)


def names_in(part: Any) -> Iterable[str]:
    """The languages of every translated text, in the order in which they come."""
    if isinstance(part, Mapping):
        for name, value in part.items():
            if name in (*TEXTS, "jr:constraintMsg", "jr:requiredMsg"):
                yield from value if isinstance(value, Mapping) else [DEFAULT]
            elif name == "media" and isinstance(value, Mapping):
                for each in value.values():
                    yield from each if isinstance(each, Mapping) else ()
            else:
                yield from names_in(value)
    elif isinstance(part, list):
        for each in part:
            yield from names_in(each)


def cleaned(texts: Mapping[str, str]) -> tuple[dict[str, str], list[str]]:
    """Texts without markup, and the codes of what is said of that."""
    made, remarks = {}, []
    for code, text in texts.items():
        made[code], marked = plain(text[:20_000])
        if marked:
            remarks.append("markup_removed")
        if REFERENCE.search(text):
            remarks.append("piping_not_supported")
    return made, [*dict.fromkeys(remarks)]


