"""The language that is spoken: English stands in the code, French in the catalogue of the suite (gettext)."""

from __future__ import annotations

import gettext
import os
from collections.abc import Mapping
from pathlib import Path

DOMAIN = "django"
FOLDER = Path(__file__).parents[1] / "locale"
LANGUAGES = ("en", "fr")
_spoken = gettext.NullTranslations()
language = LANGUAGES[0]


def preferred(environment: Mapping[str, str]) -> str:
    """What the system is set to speak, if we can."""
    found = next((value for name in ("LC_ALL", "LC_MESSAGES", "LANG") if (value := environment.get(name))), "")
    return known(found) or LANGUAGES[0]


def known(name: str) -> str:
    """The language of `fr`, `fr_CA` or `fr_FR.UTF-8`; nothing where we don't speak it."""
    short = name[:2].lower()
    return short if short in LANGUAGES and not name[2:3].isalpha() else ""


def speak(name: str) -> None:
    """From now on everything is said in this language, by argparse too."""
    global _spoken, language
    language = name
    os.environ["LANGUAGE"] = name
    gettext.bindtextdomain(DOMAIN, FOLDER)
    gettext.textdomain(DOMAIN)
    _spoken = gettext.translation(DOMAIN, FOLDER, languages=[name], fallback=True)


def _(text: str) -> str:
    return _spoken.gettext(text) if text else ""


def ngettext(one: str, many: str, count: int) -> str:
    return _spoken.ngettext(one, many, count).format(count=number(count))


def gettext_noop(text: str) -> str:
    """Marks a text that is translated where it is shown."""
    return text


def number(value: int) -> str:
    """A whole number as it is read in this language."""
    return f"{value:,}".replace(",", "\u202f" if language == "fr" else ",")
