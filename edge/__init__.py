"""One edge node: sense, decide, record, tell."""
