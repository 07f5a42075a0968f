"""Statements of vendors, held against arithmetic, published runs and the model."""
