"""Tests of the pure rooms, one module for each of theirs."""
