"""What everybody shares: models of messages, of codes, of a process, and of images."""
