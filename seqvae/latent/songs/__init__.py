"""Songs of any length: which bars are taken, how windows join, and pieces longer than a window."""
