"""Entrypoint: argv to one call."""
