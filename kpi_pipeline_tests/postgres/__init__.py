"""Tests of postgres."""
