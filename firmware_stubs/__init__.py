"""Devices that do not need hardware: they speak the real wire."""
