"""What does the machine give us? (No domain word in here.)"""
