"""Entrypoint: queue and clock to one call."""
