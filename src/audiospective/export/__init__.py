"""How does it go out whole?"""
