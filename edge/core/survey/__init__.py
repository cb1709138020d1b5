"""A calibration walk judged: what a person says stands where, beside what presence says. Pure."""
