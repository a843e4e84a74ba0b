"""Dataset-JSON 1.1 of CDISC, as JSON and as NDJSON: one dataset per page, per repeating group, of notes, of changes."""
