"""An RFID reader that needs no hardware: LLRP over TCP, byte for byte."""
