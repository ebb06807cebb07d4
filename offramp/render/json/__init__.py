"""Results as JSON: one module an output, each with the TypedDict that is also its schema."""
