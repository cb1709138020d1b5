"""How facts travel, and headquarters."""
