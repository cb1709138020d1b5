"""One store's gateway."""
