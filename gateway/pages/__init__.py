"""The pages that people in the store use."""
