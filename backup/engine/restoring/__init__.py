"""Put a snapshot back into a folder."""
