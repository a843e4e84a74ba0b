"""What fictitious ordonnances are made with here: medicines, fonts, and the texts they must not resemble."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from prescriptions.engine.evaluation import own
from prescriptions.engine.reference.starting import starter
from prescriptions.engine.synthetic.catalogue import Catalogue
from prescriptions.engine.synthetic.output import Printer
from prescriptions.engine.synthetic.privacy.overlap import Seeds
from prescriptions.engine.synthetic.rendering import fonts
from prescriptions.examples import EXAMPLES

PACKAGES = Path(__file__).parents[1] / "node_modules" / "@fontsource"


@lru_cache(maxsize=1)
def catalogue() -> Catalogue:
    """The medicines that come with the suite, whatever list is in use here: the same seed gives the same bytes."""
    return Catalogue(starter().products)


def edition() -> str:
    """Which list of medicines that is."""
    return str(starter().about)


@lru_cache(maxsize=1)
def seeds() -> Seeds:
    """The texts that come with the suite."""
    return Seeds([*(case.text for case in own.cases()), *(example.text for example in EXAMPLES)])


def printer(folder: Path, wear: str) -> Printer:
    """How pages are made; `folder` takes the fonts."""
    return Printer(fonts.prepare(PACKAGES, folder), folder, wear)
