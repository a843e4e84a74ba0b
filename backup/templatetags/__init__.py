"""Words and signs for the pages of backups."""
