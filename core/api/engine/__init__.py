"""What is written from the OpenAPI document, without Django."""
