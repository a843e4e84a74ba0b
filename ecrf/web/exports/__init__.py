"""Pages about exports of records."""
