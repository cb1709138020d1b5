"""A pretend store: a day in a shop as data, and the devices that speak from it."""
