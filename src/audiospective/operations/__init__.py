"""Is it well, and what do we do if not?"""
