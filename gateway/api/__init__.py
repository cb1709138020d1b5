"""The gateway's HTTP routes, by resource."""
