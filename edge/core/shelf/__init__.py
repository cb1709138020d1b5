"""Which item stands on which shelf: a belief per tag that explains what all tags of an antenna do together."""
