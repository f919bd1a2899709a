"""How good a model is, in numbers: one dict of floats per corpus and together."""
