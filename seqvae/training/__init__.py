"""Training: schedules, one step, the loop, and what a run leaves in its folder."""
