"""A whole store on one machine: `aisle demo`."""
