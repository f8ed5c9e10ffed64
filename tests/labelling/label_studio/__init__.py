"""Tests of the conversation with Label Studio."""
