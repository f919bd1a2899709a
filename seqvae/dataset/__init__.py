"""A corpus folder becomes memory-mapped shards, and shards become windows."""
