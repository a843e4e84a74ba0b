"""Goupile projects in and out: a ZIP of main.js, pages/*.js and what they import."""

from ecrf.engine.exchange.goupile.read import read
from ecrf.engine.exchange.goupile.write import write

__all__ = ["read", "write"]
