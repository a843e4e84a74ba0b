"""Two readers of images, each heard in the same form."""
