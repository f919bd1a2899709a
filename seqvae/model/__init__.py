"""The sequence VAE: it knows vocabulary sizes and grids, not music or words."""
