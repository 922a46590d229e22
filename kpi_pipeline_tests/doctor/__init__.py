"""Each finding is provoked on a real server, and mended by the very statement that it prints."""
