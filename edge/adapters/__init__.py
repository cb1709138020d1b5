"""Where an edge node touches the world; named by technology."""
