"""The app in a browser: a server on loopback, a page of our own, and a process for each visitor."""
