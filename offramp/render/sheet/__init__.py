"""One page: what is expected, how sure, why, who differs and what would change it."""
