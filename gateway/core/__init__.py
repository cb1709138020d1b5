"""Pure decisions of a store: no clock, thread, socket or database."""
