"""French is complete: every word of every app is translated, none is fuzzy, and the compiled catalogues are fresh."""

from __future__ import annotations

import ast
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from core import tool
from tests.repository.files import CODE, named

ROOT = Path(__file__).resolve().parents[2]
DOMAINS = ("django", "djangojs")
APPS = sorted(
    path.parent.relative_to(ROOT).as_posix() for path in [*ROOT.glob("*/apps.py"), *ROOT.glob("core/*/apps.py")]
)
CATALOGUES = [app for app in APPS if (ROOT / app / "locale").exists()]

NOT_PROSE = re.compile(r"[\w+.{}-]+://\S*|%\([^)]*\)[a-z]|\{[^}]*\}|`[^`]*`|<[^>]+>|&#?\w+;")
"""Addresses, places of values, code and markup."""
BREAKS = re.compile(r"(?<![\u00a0\u202f])[;?!»]|(?<![\u00a0\u202f\d:/]):(?![\d:])|«(?![\u00a0\u202f])")

Key = tuple[str, str]
"""Context and msgid."""


def gettext_program(name: str) -> str:
    """The path of a program of GNU gettext. A missing one is an error, not a skipped test."""
    path = shutil.which(name)
    if path is None:
        pytest.fail(f"{name} is missing: apt install gettext")
    return path


def entries(po: str) -> Iterator[tuple[Key, list[str], bool]]:
    """Key, translations and fuzziness of each entry of a catalogue; the header is left out."""
    for block in po.split("\n\n"):
        fields: dict[str, str] = {}
        current = ""
        lines = block.splitlines()
        for line in lines:
            if line.startswith("msg"):
                current, _space, text = line.partition(" ")
                fields[current] = ast.literal_eval(text)
            elif line.startswith('"'):
                fields[current] += ast.literal_eval(line)
        if fields.get("msgid"):
            fuzzy = any(line.startswith("#,") and "fuzzy" in line for line in lines)
            translations = [text for name, text in fields.items() if name.startswith("msgstr")]
            yield (fields.get("msgctxt", ""), fields["msgid"]), translations, fuzzy


def catalogue(app: str, domain: str) -> Path:
    return ROOT / app / "locale" / "fr" / "LC_MESSAGES" / f"{domain}.po"


def extracted(app: str, domain: str, scratch: Path) -> set[Key]:
    """What makemessages finds in the app's code now, found in a copy so that nothing is changed here."""
    gettext_program("xgettext")
    copy = scratch / app
    skipped = shutil.ignore_patterns("__pycache__", "build", "node_modules", "migrations", "vectors")
    shutil.copytree(ROOT / app, copy, ignore=skipped)
    shutil.rmtree(copy / "locale", ignore_errors=True)
    (copy / "locale").mkdir()
    command = ["django-admin", "makemessages", "-l", "fr", "-d", domain, "--no-location", "--no-wrap"]
    python = ROOT / ".venv" / "bin"
    environment = {**os.environ, "PATH": f"{python}{os.pathsep}{os.environ['PATH']}"}
    environment.pop("DJANGO_SETTINGS_MODULE", None)
    subprocess.run(command, cwd=copy, check=True, capture_output=True, env=environment)
    made = copy / "locale" / "fr" / "LC_MESSAGES" / f"{domain}.po"
    return {key for key, _texts, _fuzzy in entries(made.read_text())} if made.exists() else set()


@pytest.mark.parametrize("app", APPS)
@pytest.mark.parametrize("domain", DOMAINS)
def test_every_word_is_in_the_catalogue(app: str, domain: str, tmp_path: Path) -> None:
    """Each marked string of templates, Python and scripts is in the French catalogue, which has no other."""
    wanted = extracted(app, domain, tmp_path)
    path = catalogue(app, domain)
    present = {key for key, _texts, _fuzzy in entries(path.read_text())} if path.exists() else set()
    assert wanted == present, f"run makemessages in {app}: missing {wanted - present}, left over {present - wanted}"


@pytest.mark.parametrize("app", CATALOGUES)
def test_french_is_complete(app: str) -> None:
    """No entry of a French catalogue is empty or fuzzy."""
    for domain in DOMAINS:
        if (path := catalogue(app, domain)).exists():
            unfinished = [key for key, texts, fuzzy in entries(path.read_text()) if fuzzy or not all(texts)]
            assert unfinished == [], path


def breaking(text: str) -> list[str]:
    """The signs of a French text from which a line's end could part their word."""
    return [sign[0] for sign in BREAKS.finditer(NOT_PROSE.sub("x", text))]


@pytest.mark.parametrize("app", CATALOGUES)
def test_french_signs_stay_with_their_words(app: str) -> None:
    """A no-break space stands before : ; ? ! and », and after «, in every French text."""
    found = [
        text
        for domain in DOMAINS
        if (path := catalogue(app, domain)).exists()
        for _key, texts, _fuzzy in entries(path.read_text())
        for text in texts
        if breaking(text)
    ]
    assert found == []


def test_signs_are_told_from_code() -> None:
    """Addresses, hours, entities and places of values are no prose; two plain spaces and a missing one are found."""
    assert breaking("Voir https://example.org/?a=1 à 10:30 : %(when)s, &quot;oui&quot;\u202f!") == [":"]
    assert breaking("«\u00a0Bien\u00a0»\u00a0: vraiment\u202f?") == []
    assert breaking("« Bien » non!") == ["«", "»", "!"]


@pytest.mark.parametrize("app", CATALOGUES)
def test_compiled_catalogues_are_fresh(app: str, tmp_path: Path) -> None:
    """The committed .mo is what its .po compiles to."""
    program = gettext_program("msgfmt")
    for domain in DOMAINS:
        if (path := catalogue(app, domain)).exists():
            made = tmp_path / "made.mo"
            subprocess.run([program, "--check", "-o", str(made), str(path)], check=True, capture_output=True)
            assert path.with_suffix(".mo").read_bytes() == made.read_bytes(), f"run msgfmt or compilemessages in {app}"


def test_the_catalogues_looked_at_are_those_of_the_apps() -> None:
    """No installed room or tool of ours is left out."""
    ours = {config.name.replace(".", "/") for config in tool.rooms() if (ROOT / config.name.replace(".", "/")).exists()}
    assert ours <= set(APPS)


def test_a_catalogue_is_read_as_gettext_reads_it() -> None:
    """Empty, fuzzy, plural and many-line entries are told apart."""
    header = 'msgid ""\nmsgstr ""\n"Language: fr\\n"'
    empty = 'msgid "a"\nmsgstr ""'
    fuzzy = '#, fuzzy\nmsgid "b"\nmsgstr "B"'
    plural = 'msgctxt "c"\nmsgid ""\n"long"\nmsgid_plural "longs"\nmsgstr[0] "L"\nmsgstr[1] "Ls"'
    po = f"{header}\n\n{empty}\n\n{fuzzy}\n\n{plural}"
    assert list(entries(po)) == [
        (("", "a"), [""], False),
        (("", "b"), ["B"], True),
        (("c", "long"), ["L", "Ls"], False),
    ]


def test_a_word_is_translated_in_one_way() -> None:
    """All catalogues are read as one: what two rooms translate differently would be wrong in one of them."""
    found: dict[Key, dict[tuple[str, ...], str]] = {}
    for app in CATALOGUES:
        path = catalogue(app, "django")
        for key, translations, _fuzzy in entries(path.read_text()) if path.exists() else ():
            found.setdefault(key, {}).setdefault(tuple(translations), app)
    assert {key: said for key, said in found.items() if len(said) > 1} == {}


def test_words_are_marked_as_xgettext_finds_them() -> None:
    """No function of gettext has a name of its own but `_`: what it marks would be in no catalogue."""
    alias = re.compile(r"\b(n?p?n?gettext(?:_lazy|_noop)?) as (?!_\b)\w+")
    assert [
        f"{path}: {found[0]}" for path in named(".py", among=CODE) for found in alias.finditer(path.read_text())
    ] == []
