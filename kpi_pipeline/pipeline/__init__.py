"""Use cases over ports: advance, rewind, deliver, inspect."""
