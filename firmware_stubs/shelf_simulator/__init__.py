"""Shelves that read tags as real ones do, badly, beside the truth of what stands where."""
