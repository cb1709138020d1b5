"""The headquarters service."""
