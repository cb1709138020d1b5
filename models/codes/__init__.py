"""What a code says: EPC, GTIN, GS1 element strings and Digital Links, a member's code."""
