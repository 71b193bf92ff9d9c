"""The door: the contract between clients and the engine, its server and its client."""
