"""What does Spotify say?"""
