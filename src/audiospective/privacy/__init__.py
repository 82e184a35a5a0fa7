"""What do we hold, and how does it leave?"""
