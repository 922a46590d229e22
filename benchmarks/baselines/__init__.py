"""What one could do instead."""
