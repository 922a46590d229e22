"""Tests of the channels, against peers that answer over real HTTP."""
