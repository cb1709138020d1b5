"""Streams of many stores: each with its own key and no sight of another."""
