"""The page on the store screen."""
