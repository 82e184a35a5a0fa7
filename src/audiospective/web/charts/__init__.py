"""Typed data to SVG, a table behind each."""
