"""Who is it, and may we act for them?"""
