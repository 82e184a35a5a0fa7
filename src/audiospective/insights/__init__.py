"""What does it mean? (Pure: a Listening in, a frozen answer out.)"""
