"""How do listens come in?"""
