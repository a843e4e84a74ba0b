"""Working offline: the page that works without a network, what it exchanges with the server, the devices."""
