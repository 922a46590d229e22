"""Channels: each delivers one notice and classifies its own failures."""
