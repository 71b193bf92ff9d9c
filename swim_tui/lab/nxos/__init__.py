"""NX-OS devices: one image on the Nexus 9000, kickstart and system on the Nexus 5000."""
