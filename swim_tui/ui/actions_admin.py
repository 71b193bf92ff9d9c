"""The actions of the pages of names: servers, credential profiles, jump hosts, groups, host keys."""

from __future__ import annotations

from swim_tui.ui.action import Action, Scope, actions_of

# name, keys, short title, what it does, footer rank, palette aliases, changes something
ADMIN_ACTIONS: tuple[Action, ...] = (
    *actions_of(
        Scope.SERVERS,
        ("new", "n", "Add Row", "Add a SWIM server", 2, "", True),
        ("protocols", "m", "Protocols", "Manage Protocols of the server", 1, "manage", False),
        (
            "verify",
            "V",
            "Verify",
            "Verify Credentials: log in, write, read and delete a probe",
            3,
            "verify",
            True,
        ),
        ("edit", "e", "Edit", "Change name, address, sites, description", 4, "", True),
        ("remove", "delete", "Remove...", "Remove the marked servers with their passwords", 6, "", True),
        ("guide", "F", "Guide", "When a SWIM server is worth it, and when not", 0, "", False),
    ),
    *actions_of(
        Scope.CREDENTIALS,
        ("new", "n", "Add", "Add a credential profile", 2, "", True),
        ("edit", "e", "Replace", "Replace user and secrets of the profile", 3, "", True),
        ("confirm", "o", "Confirm...", "Confirm a parked profile: it may log in again", 4, "confirm", True),
        ("remove", "delete", "Remove...", "Remove a profile that nothing uses", 5, "", True),
    ),
    *actions_of(
        Scope.JUMPS,
        ("new", "n", "Add", "Add a jump host", 2, "", True),
        ("edit", "e", "Edit", "Change the jump host", 3, "", True),
        ("test", "V", "Test", "Log in to every hop on the way, once, and report key and algorithms", 1, "test", True),
        ("remove", "delete", "Remove...", "Remove a jump host that nothing is reached through", 5, "", True),
    ),
    *actions_of(
        Scope.GROUPS,
        ("new", "n", "Add", "Add a group below the one under the cursor", 2, "", True),
        ("edit", "e", "Edit", "Rename the group; its place, time zone, rule, credentials", 3, "", True),
        ("members", "T", "Members", "Tick the devices that are in the group", 4, "members", True),
        ("remove", "delete", "Remove...", "Remove the group; its devices stay", 6, "", True),
    ),
    *actions_of(
        Scope.HOST_KEYS,
        (
            "accept",
            "o",
            "Accept...",
            "Accept the key that was offered, after a comparison",
            1,
            "accept",
            True,
        ),
        ("new", "n", "Enter key", "Accept a key that is entered by hand", 3, "", True),
        ("forget", "delete", "Forget...", "Forget the key: the next session meets the host as unknown", 4, "", True),
    ),
    *actions_of(
        Scope.CONFIGS,
        ("diff", "D", "Difference", "Difference of the marked configurations, or to the one before", 2, "", False),
        ("device", "p", "Device", "The device page", 3, "", False),
    ),
)
ADMIN_VIEWS: tuple[Action, ...] = actions_of(
    Scope.GLOBAL,
    ("menu", "0", "Menu", "Where everything is: devices, groups, images, servers, access, settings", 0, "menu", False),
    ("credentials", "", "Credential profiles", "Credential Profiles", 0, "credentials profiles", False),
    ("jumps", "", "Jump hosts", "Jump hosts, with a test of every hop", 0, "jumps jumphosts", False),
    ("groups", "", "Groups", "Location, device type and user-defined groups", 0, "groups", False),
    ("host_keys", "", "Host keys", "SSH host keys: known, changed, unknown", 0, "hostkeys", False),
    (
        "configs",
        "",
        "Configuration Archive",
        "The archive of all devices",
        0,
        "configs configurations",
        False,
    ),
    ("start", "", "First steps", "First steps: demo, credentials, devices, images", 0, "start first", True),
    ("guide", "", "Guide", "Why and how to upgrade: purpose, questions, scenarios, glossary", 0, "guide faq", False),
)
