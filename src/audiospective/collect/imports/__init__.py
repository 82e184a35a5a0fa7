"""How do listens come in from files?"""
