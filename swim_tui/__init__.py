"""swim-tui: software image management for network devices, in the terminal."""

__version__ = "0.1.0"
