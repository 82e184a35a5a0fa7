"""What was heard?"""
