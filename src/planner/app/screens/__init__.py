"""The planning screen and the dialogs that open over it."""
