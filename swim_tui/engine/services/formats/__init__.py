"""Inventories of other programs: pure functions from text to the rows of an inventory file, each with its lines."""
