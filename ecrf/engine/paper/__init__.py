"""Forms and records on paper, as PDF by Typst: tagged, archivable, the same bytes for the same values."""
