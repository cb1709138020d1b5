"""What every process has: settings from a file, a log, health and metrics, hardened HTTP, a clock."""
