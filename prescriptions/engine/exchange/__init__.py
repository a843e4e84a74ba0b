"""Readings in the shapes that other systems take: FHIR R4, PN13-like JSON, OMOP rows, tables. Values in, values out."""
