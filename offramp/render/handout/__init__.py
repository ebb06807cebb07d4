"""A case as a handout for a class: a sheet a role, a map of the turns, a page for the moderator."""
