"""The readers that can be evaluated: the grammar alone, and with each second opinion that this instance has."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from prescriptions import engine, llm
from prescriptions.engine.evaluation.reading import Reader, reader
from prescriptions.engine.opinions import combine
from prescriptions.engine.reference.catalogue import Reference

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise


@dataclass(frozen=True)
class Model:
    """A reader: what it is called, whether this instance has it, and how it is made with a list of medicines."""

    label: _StrPromise | str
    is_here: Callable[[], bool]
    make: Callable[[Reference], Reader]


def grammar(reference: Reference) -> Reader:
    return reader(reference)


def with_tagger(reference: Reference) -> Reader:
    """The tagger of PRESCRIPTIONS_TAGGER weighs every field. Raises NoModel where its card is missing."""
    from prescriptions.engine.opinions.tagger import Tagger

    tagger = Tagger.load(Path(settings.PRESCRIPTIONS_TAGGER))

    def second(line: engine.Line) -> engine.Line:
        start = line.start
        spans = [combine.shifted(span, start) for span in tagger.spans(line.text)]
        return combine.weighed(line, spans, tagger.factors)

    return reader(reference, second=second)


def with_llm(reference: Reference) -> Reader:
    """The language model is asked about what the grammar isn't sure of."""
    asked = llm.model()
    return reader(reference, second=lambda line: asked.opinion(line, reference.lexicon))


MODELS = {
    "grammar": Model(_("Grammar"), lambda: True, grammar),
    "grammar+crf": Model(_("Grammar and tagger"), lambda: bool(settings.PRESCRIPTIONS_TAGGER), with_tagger),
    "grammar+llm": Model(_("Grammar and language model"), llm.configured, with_llm),
}


def available() -> dict[str, Model]:
    """The readers of this instance."""
    return {name: model for name, model in MODELS.items() if model.is_here()}
