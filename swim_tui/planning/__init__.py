"""Facts, image and options in; checks, plan, order, space and waits out. Pure: no I/O, no clock."""
