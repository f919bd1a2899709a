"""Files of sentences become shards."""
