"""Offers side by side: what each costs for the same work over the same months, and why they differ."""
