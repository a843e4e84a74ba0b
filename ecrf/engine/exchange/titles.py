"""Titles of groups that stand in other groups."""

from __future__ import annotations

from collections.abc import Mapping, Sequence


def title_of(titles: Sequence[Mapping[str, str]]) -> dict[str, str]:
    """That of a group after those of the groups around it which nothing has shown yet."""
    languages = dict.fromkeys(code for title in titles for code in title)
    return {code: " – ".join(title[code] for title in titles if title.get(code)) for code in languages}
