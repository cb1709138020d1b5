"""The routes of headquarters, one module per resource."""
