"""People in a camera's view: tracks, lanes, doors. Boxes in, counts out; no picture ever enters this package."""
