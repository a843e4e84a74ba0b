"""Patterns of paths, as in a .gitignore: the last one that fits decides, `!` takes back what one before it took."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from backup.engine.errors import BackupError


class BadPattern(BackupError):
    """A pattern that can't be understood."""


@dataclass(frozen=True, slots=True)
class _Pattern:
    number: int
    expression: str
    keeps: bool
    folders_only: bool
    name_only: bool
    """Whether it fits a name wherever it stands, and not a path."""


class _Alternatives:
    """Patterns as one expression, the last of them tried first."""

    def __init__(self, patterns: Iterable[_Pattern]) -> None:
        self._patterns = sorted(patterns, key=lambda one: one.number, reverse=True)
        self._expression = re.compile("|".join(f"({one.expression})" for one in self._patterns), re.DOTALL)

    def last(self, path: str, start: int) -> _Pattern | None:
        found = self._expression.fullmatch(path, start)
        return self._patterns[found.lastindex - 1] if found is not None and found.lastindex else None


class Patterns:
    """A list of patterns, compiled so that a path is compared once, however many there are.

    A pattern with a slash before its end counts from the root; any other fits names at every level. A slash at its end
    means folders. Whoever walks a tree doesn't enter a folder that matches: what lies in it can't be taken back.
    """

    def __init__(self, lines: Iterable[str] = (), *, ignore_case: bool = False) -> None:
        """Raises BadPattern."""
        self._patterns: list[_Pattern] = []
        for line in lines:
            self._take(line, ignore_case)
        self._compile()

    def __bool__(self) -> bool:
        return bool(self._patterns)

    def __add__(self, other: Patterns) -> Patterns:
        """Both, those of `other` after one's own."""
        joined = Patterns()
        joined._patterns = [
            _Pattern(number, one.expression, one.keeps, one.folders_only, one.name_only)
            for number, one in enumerate(self._patterns + other._patterns)
        ]
        joined._compile()
        return joined

    def match(self, path: str, *, is_folder: bool) -> bool:
        """Whether the path, from the root and without a slash before it, fits. What isn't UTF-8 is in surrogates."""
        if not self._patterns:
            return False
        names, paths = self._of_folders if is_folder else self._of_others
        by_name = names.last(path, path.rfind("/") + 1) if names else None
        by_path = paths.last(path, 0) if paths else None
        if by_name is None or by_path is None:
            last = by_name or by_path
        else:
            last = max(by_name, by_path, key=lambda one: one.number)
        return last is not None and not last.keeps

    def _take(self, line: str, ignore_case: bool) -> None:
        text = _without_end(line.rstrip("\r\n"))
        if not text or text.startswith("#"):
            return
        keeps = text.startswith("!")
        text = text[keeps:]
        folders_only = text.endswith("/")
        text = text.removesuffix("/")
        name_only = "/" not in text
        text = text.removeprefix("/")
        if not text:
            return
        expression = _expression(text, line)
        if ignore_case:
            expression = f"(?i:{expression})"
        self._patterns.append(_Pattern(len(self._patterns), expression, keeps, folders_only, name_only))

    def _compile(self) -> None:
        of_others = [one for one in self._patterns if not one.folders_only]
        self._of_folders = _by_kind(self._patterns)
        self._of_others = _by_kind(of_others)


def _by_kind(patterns: list[_Pattern]) -> tuple[_Alternatives | None, _Alternatives | None]:
    names = [one for one in patterns if one.name_only]
    paths = [one for one in patterns if not one.name_only]
    return _Alternatives(names) if names else None, _Alternatives(paths) if paths else None


def _without_end(line: str) -> str:
    """A line without the spaces at its end, unless a backslash keeps them."""
    text = line.rstrip(" ")
    escapes = len(text) - len(text.rstrip("\\"))
    return text + " " if escapes % 2 and len(text) < len(line) else text


def _expression(text: str, line: str) -> str:
    parts = text.split("/")
    written = ""
    for place, part in enumerate(parts):
        is_last = place == len(parts) - 1
        if part == "**" and len(parts) > 1:
            written += ".+" if is_last else "(?:[^/]+/)*"
        else:
            written += _name(part, line) + ("" if is_last else "/")
    return written


def _name(text: str, line: str) -> str:
    """One name of a pattern: `*` and `?` stand for anything in it."""
    written, at = "", 0
    while at < len(text):
        char = text[at]
        at += 1
        if char == "*":
            while text[at : at + 1] == "*":
                at += 1
            written += "[^/]*"
        elif char == "?":
            written += "[^/]"
        elif char == "\\":
            if at == len(text):
                raise BadPattern(f"{line!r} ends with a backslash")
            written += re.escape(text[at])
            at += 1
        elif char == "[":
            chosen, at = _choice(text, at, line)
            written += chosen
        else:
            written += re.escape(char)
    return written


def _choice(text: str, at: int, line: str) -> tuple[str, int]:
    """What follows a `[` up to its `]`, and where it ends."""
    denied = text[at : at + 1] in ("!", "^")
    at += denied
    items: list[str] = []
    while at < len(text) and (text[at] != "]" or not items):
        low, at = _member(text, at, line)
        high = low
        if text[at : at + 1] == "-" and text[at + 1 : at + 2] not in ("", "]"):
            high, at = _member(text, at + 1, line)
        if low <= high:
            items.append(f"{re.escape(low)}-{re.escape(high)}")
        else:
            items.append("")  # a range that holds nothing
    if at >= len(text):
        raise BadPattern(f"{line!r} has a [ without its ]")
    members = "".join(items)
    if not members:
        return ("[^/]" if denied else r"(?!)"), at + 1
    return (f"(?:(?!/)[^{members}])" if denied else f"(?:(?!/)[{members}])"), at + 1


def _member(text: str, at: int, line: str) -> tuple[str, int]:
    if text[at] == "\\":
        at += 1
    if at >= len(text):
        raise BadPattern(f"{line!r} has a [ without its ]")
    return text[at], at + 1


NOTHING = Patterns()
