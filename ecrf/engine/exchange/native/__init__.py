"""A definition as people write it: YAML with short forms. `README.md` shows all of it."""

from ecrf.engine.exchange.native.reading import read
from ecrf.engine.exchange.native.writing import write

__all__ = ["read", "write"]
