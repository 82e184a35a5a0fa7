"""Audiospective: every play, every hour, for ever."""
