"""Drivers: read state, execute planned operations, judge; never a changing line that is not in the plan."""
