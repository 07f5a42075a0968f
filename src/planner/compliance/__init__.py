"""Three-valued evaluation of dated rules over plain mappings."""
