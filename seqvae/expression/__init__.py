"""How drums are played: velocity and timing of each hit, learned, taken from a recording, or taken away."""
