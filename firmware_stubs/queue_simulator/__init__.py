"""A shop's checkouts as a discrete-event simulation, with cameras and tills that see it imperfectly.

Seeded: the same scenario and seed give the same day. `scenario` says what kind of day, `store` lets it happen,
`camera` and `till` say what is seen of it, `recording` writes the lines that `aisle replay lanes` reads and keeps
the truth beside them.
"""
