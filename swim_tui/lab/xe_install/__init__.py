"""Install mode of IOS-XE: `software` of 3.x, `install` of 16.x and later, `request platform software`."""
