"""What people and jobs do with backups."""
