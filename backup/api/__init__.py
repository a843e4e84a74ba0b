"""The backups over REST."""
