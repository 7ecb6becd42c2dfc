"""The public site: its own process, its own database role, nothing of the inside within reach."""
