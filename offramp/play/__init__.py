"""The same crisis, played: people, presets and programs take seats in it."""
