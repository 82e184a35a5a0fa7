"""Looks from outside: HTTP, read-only SQL, the environment, the clock, the code; each answers with readings."""
