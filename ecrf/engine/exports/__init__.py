"""The records of a form in the formats of others: one writer per format, fed record by record."""

from ecrf.engine.exports.book import Book, Options
from ecrf.engine.exports.formats import FORMATS, ExportFormat

__all__ = ["FORMATS", "Book", "ExportFormat", "Options"]
