"""Sheets of paper: values in, PDF out (Typst)."""

from prescriptions.engine.paper.make import pdf

__all__ = ["pdf"]
