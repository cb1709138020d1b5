"""Exactly once in effect and in order, over any transport: outbox, inbox, sender."""
