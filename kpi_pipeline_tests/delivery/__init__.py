"""Tests of the outbox and its relay, on real databases and against a Slack peer."""
