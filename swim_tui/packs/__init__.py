"""Device packs: YAML that describes platforms.

Nothing is imported here: a worker needs the packs it is given, not the schema that reads them.
"""
