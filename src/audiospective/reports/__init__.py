"""Answers assembled for someone to look at."""
