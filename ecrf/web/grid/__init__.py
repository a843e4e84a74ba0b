"""The grid of the study's records: subjects by events and pages."""
