"""What is asked of estimates: differences, validation, calibration."""
