"""Configuration: what people write in scenario files, and reading it."""
