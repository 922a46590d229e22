"""Tests of what a declaration may say, and of what it is told when it may not."""
