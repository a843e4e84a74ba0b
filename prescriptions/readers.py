"""The readers that can be evaluated: the grammar alone, and with each second opinion that this instance has."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from prescriptions import engine
from prescriptions.engine.evaluation.reading import Reader, reader

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise


@dataclass(frozen=True)
class Model:
    """A reader: what it is called, whether this instance has it, and how it is made with a list of medicines."""

    label: _StrPromise | str
    is_here: Callable[[], bool]
    make: Callable[[engine.Lexicon], Reader]


def starter() -> engine.Lexicon:
    """The names that come with the project."""
    return engine.starter()


MODELS = {
    "grammar": Model(_("Grammar"), lambda: True, lambda lexicon: reader(lexicon)),
}


def available() -> dict[str, Model]:
    """The readers of this instance."""
    return {name: model for name, model in MODELS.items() if model.is_here()}
