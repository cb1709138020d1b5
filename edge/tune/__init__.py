"""``aisle camera tune``: a person labels ten frames in the browser, and the camera's settings follow."""
