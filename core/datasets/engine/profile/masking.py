"""Small counts of one line of cells are hidden, and with them enough others that no total gives them back."""

from __future__ import annotations

from collections.abc import Sequence


def hidden(counts: Sequence[int], least: int) -> set[int]:
    """The cells to hide, for a reader who knows what all of them add up to.

    Those of 1 to `least` - 1, then the smallest others, until two at least are hidden that hold `least` together. A
    cell of none hides nobody, so it doesn't count as one that hides another.
    """
    found = {place for place, count in enumerate(counts) if 0 < count < least}
    others = sorted((count, place) for place, count in enumerate(counts) if count >= least)
    while found and others and (len(found) < 2 or sum(counts[place] for place in found) < least):
        found.add(others.pop(0)[1])
    if found and (len(found) < 2 or sum(counts[place] for place in found) < least):
        return set(range(len(counts)))
    return found


def merged_tails(counts: Sequence[int], least: int) -> tuple[int, int]:
    """The first and the last class to keep, where those beyond are put into them: none of both ends is small."""
    first, last = 0, len(counts) - 1
    while first < last and sum(counts[: first + 1]) < least:
        first += 1
    while last > first and sum(counts[last:]) < least:
        last -= 1
    return first, last
