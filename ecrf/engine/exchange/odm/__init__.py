"""CDISC ODM: one model of a study for the versions of the format, between their XML and our definition."""
