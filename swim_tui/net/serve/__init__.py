"""The Local File Server: a process beside the engine that devices pull images from, while a run needs it."""
