"""Questions put to simulated histories, and their answers."""
