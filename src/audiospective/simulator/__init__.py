"""Spotify's two hosts, played."""
