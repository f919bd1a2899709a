"""How good a model of sentences is: likelihood by the word, use of z, reconstructions, samples, walks."""
