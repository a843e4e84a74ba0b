"""Forty fictitious subjects of the sepsis study at two sites, entered by the people of the demo."""

from ecrf.demo.load import load

__all__ = ["load"]
