"""What a model of music plays: one file for each tokenizer, with all that differs between them."""
