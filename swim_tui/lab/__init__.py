"""The lab: a jump host and any number of simulated devices in one process, for rehearsal and for tests."""
