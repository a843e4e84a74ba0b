"""FHIR Questionnaire (R4, with the extensions of Structured Data Capture), and its responses."""

from ecrf.engine.exchange.fhir_questionnaire.reading import read
from ecrf.engine.exchange.fhir_questionnaire.writing import write

__all__ = ["read", "write"]
