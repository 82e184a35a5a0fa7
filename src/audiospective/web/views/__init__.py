"""Typed answers to words: numbers, dates and plurals as a template shows them."""
