"""XLSForm, the spreadsheets of ODK, Kobo and Enketo: read through pyxform, which says what they mean."""

from ecrf.engine.exchange.xlsform.reading import read
from ecrf.engine.exchange.xlsform.writing import write

__all__ = ["read", "write"]
