"""What was reported: the timeline, conditioning on it, and its evidence."""
