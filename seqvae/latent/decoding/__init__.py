"""How sentences are written id by id: likeliest, by chance, or by beam search."""
