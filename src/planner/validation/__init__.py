"""Predicted against published: cases, scores, the null model, calibration."""
