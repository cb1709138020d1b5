"""The page with the stores at a glance."""
