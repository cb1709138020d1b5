"""Pure decisions of an edge node: no clock, thread, socket or database."""
