"""Widgets of our own: the live table, the frame lines around a page, the process wheel."""
