"""The terminal UI: it only shows what the engine tells and asks the engine to act; `run.run_ui` starts it."""
