"""Scores in, files out; no torch."""
