"""`python -m swim_tui.net.serve`, started by the engine."""

from swim_tui.net.serve.process import main

main()
