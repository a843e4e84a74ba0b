"""What fictitious ordonnances are made with here: medicines, fonts, and the texts they must not resemble."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory

from prescriptions.engine.evaluation import own
from prescriptions.engine.reference.starting import starter
from prescriptions.engine.synthetic.catalogue import Catalogue
from prescriptions.engine.synthetic.documents import Document, Generator
from prescriptions.engine.synthetic.output import Printer
from prescriptions.engine.synthetic.privacy.overlap import Seeds
from prescriptions.engine.synthetic.profiles import MIX
from prescriptions.engine.synthetic.rendering import fonts, images
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


def preview(seed: str, profiles: Sequence[str], count: int) -> list[Document]:
    """The first documents of such a set."""
    return list(generator(seed, profiles).documents(0, count))


def generator(seed: str, profiles: Sequence[str]) -> Generator:
    """What draws the documents of a set; the profiles come as often as in the usual mix."""
    return Generator(catalogue(), seed, {name: share for name, share in MIX.items() if name in profiles})


def first_page(seed: str, profiles: Sequence[str], wear: str) -> tuple[str, bytes]:
    """(media type, bytes) of the first page of the first document of such a set."""
    with TemporaryDirectory(prefix="fonts-") as folder:
        (found,) = printer(Path(folder), wear).pages(preview(seed, profiles, 1))
    suffix, content = images.encoded(found[2][0].image, clean=False)
    return ("image/png" if suffix == "png" else "image/jpeg"), content
