"""Rooms of day 4's notebooks."""
