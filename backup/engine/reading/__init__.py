"""From ids to content, and what can be seen without restoring."""
