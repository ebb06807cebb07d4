"""The tutorial crisis, written again by other means."""
