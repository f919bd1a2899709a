"""What people do with z of sentences: the same as with music, and arithmetic and neighbours."""
