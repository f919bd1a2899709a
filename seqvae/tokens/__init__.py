"""Scores and sentences to integer ids `(time, voices)` and back; numpy only."""
