"""From a source to a snapshot."""
