"""A medicine as the public lists know it: what links, codes and safety checks are made of."""

from __future__ import annotations

from dataclasses import dataclass

from prescriptions.engine.schema import Strength


@dataclass(frozen=True, slots=True)
class Substance:
    """An active substance of a product and how much of it one unit holds, as far as the lists say."""

    name: str
    code: str = ""
    strength: Strength | None = None


@dataclass(frozen=True, slots=True)
class Presentation:
    """A box that is sold. `price` is the public price in euros."""

    cip13: str
    label: str = ""
    price: float | None = None
    units: float | None = None
    """How many units (tablets, millilitres…) the box holds."""


@dataclass(frozen=True, slots=True)
class Product:
    """One product (CIS). `atc_source` says where its code is from (`atc.SOURCES`)."""

    cis: str
    name: str
    """As published: `DOLIPRANE 1000 mg, comprimé`."""
    brand: str
    """What it is called on ordonnances, plain: `doliprane`."""
    substances: tuple[Substance, ...] = ()
    form: str | None = None
    """In the words of `engine/words/forms.py`."""
    form_code: str = ""
    """EDQM."""
    routes: tuple[str, ...] = ()
    atc: str = ""
    atc_source: str = ""
    ucd: tuple[str, ...] = ()
    presentations: tuple[Presentation, ...] = ()
    generic_group: str = ""
    marketed: bool = True
    shortage: str = ""
    weight: float = 0.0
    """Boxes reimbursed in a year, where known: of two equal candidates the likelier comes first."""
    strengths: tuple[Strength, ...] = ()
    """Those that its name says, which are what ordonnances repeat."""
    conditions: tuple[str, ...] = ()
    """Of prescription and dispensing, as published: `liste I`, `stupéfiants`."""
    benefit: str = ""
    """The latest opinion of the HAS on its benefit (SMR), as published, with its year."""
    improvement: str = ""
    """The same on how much it improves on what there was (ASMR): from I, major, to V, none."""
