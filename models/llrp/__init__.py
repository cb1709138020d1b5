"""LLRP 1.0.1 and 1.1, the protocol of RFID readers: a codec of our own from a table of struct formats."""
