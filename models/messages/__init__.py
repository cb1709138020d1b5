"""The words Aisle speaks on its wires. Imports nothing of ours; import from the module that defines."""
