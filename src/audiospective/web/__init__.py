"""Entrypoint: HTTP to one call, and back."""
