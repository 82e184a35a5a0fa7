"""The schema's history; no Python."""
