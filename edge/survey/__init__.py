"""``aisle shelf survey``: a calibration walk through a real installation, recorded, judged and drawn."""
