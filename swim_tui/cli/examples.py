"""Examples below the help of a command, where its own text has none."""

from __future__ import annotations

from collections.abc import Mapping

EXAMPLES: Mapping[str, tuple[str, ...]] = {
    "demo": ("demo", "demo --headless --json", "demo --headless --story everything-wrong"),
    "devices add": (
        "devices add sw1 192.0.2.10 --credentials site-admin --jump bastion --location Oakland",
        "devices add - --credentials site-admin < names.txt",
    ),
    "devices edit": ("devices edit sw1 --legacy-ssh", "devices edit sw1 --name sw1-new --upstream dist1"),
    "devices import": (
        "devices import hosts.ini --credentials site-admin --jump-credentials jump-user --dry-run",
        "devices import ~/.ssh/config",
    ),
    "devices import-netbox": (
        "devices import-netbox https://netbox.example.net --filter site=york --credentials site-admin --dry-run",
    ),
    "devices list": ("devices list --group WAN", "devices list --json"),
    "devices sync": ("devices sync --wait", "devices sync --group WAN --at 06:00 --recur daily"),
    "groups remove": ("groups remove pilot",),
    "groups rename": ("groups rename pilot wave-1",),
    "groups set": (
        "groups set pilot sw1 sw2",
        "groups set Oakland --kind location --parent California --zone America/Los_Angeles",
        "groups set edge --role access --name 'sw-*'",
    ),
    "credentials add": (
        "credentials add site-admin --username admin --enable",
        "credentials add jump-user --username you --one-time-code",
        "credentials add ops --username ops --key-file ~/.ssh/id_ed25519 --passphrase",
        "credentials add nightly --username swim --password-stdin < secret.txt",
    ),
    "credentials rotate-key": ("credentials rotate-key", "credentials rotate-key --to passphrase"),
    "jumps add": (
        "jumps add bastion 192.0.2.1 --credentials jump-user",
        "jumps add inner 10.0.0.1 --credentials jump-user --via bastion",
        "jumps add old 192.0.2.2 --credentials jump-user --method exec --template 'nc %h %p'",
        "jumps add pam 192.0.2.3 --credentials key-user --method user --template '%r%%%h'",
    ),
    "jumps test": ("jumps test bastion", "jumps test bastion --device sw1"),
    "hostkeys accept": ("hostkeys accept sw1", "hostkeys accept sw1 --fingerprint SHA256:... --yes"),
    "hostkeys list": ("hostkeys list", "hostkeys list --known-hosts > known_hosts"),
    "hostkeys remove": ("hostkeys remove sw1",),
    "servers protocol add": (
        "servers protocol add NY_Region sftp --username swim --home /srv/images",
        "servers protocol add NY_Region https --username swim --password-stdin < secret.txt",
    ),
    "servers add": (
        "servers add NY_Region 192.0.2.20 --site 'New York Region'",
        "servers protocol add NY_Region sftp --username swim --home /srv/images",
        "servers verify NY_Region",
    ),
    "images set": ("images set X.bin --min-ram 4096 --min-flash 900",),
    "images identify": ("images identify c2960-lanbasek9-mz.150-2.SE11.bin",),
    "analyze": ("analyze --group WAN", "analyze --image X.bin --device sw1 --json"),
    "plan distribute": (
        "plan distribute --image X.bin --group WAN --insert-boot-command --activate sequential --out plan.md",
    ),
    "plan diff": ("plan diff monday.json tuesday.json",),
    "configs archive": ("configs archive --wait", "configs archive --at 03:00 --recur daily"),
    "configs export": ("configs export sw1 --out sw1.cfg",),
    "configs diff": ("configs diff sw1",),
    "jobs answer": ("jobs answer 20010001",),
    "jobs cancel": ("jobs cancel 20010001", "jobs cancel 20010001 --device sw1"),
    "jobs edit": ("jobs edit 10010001 --at 02:00 --window 01:00/05:00",),
    "jobs log": ("jobs log 20010001 --device sw1",),
    "jobs retry": ("jobs retry 20010001 --wait",),
    "jobs watch": ("jobs watch 20010001", "jobs watch 20010001 --json"),
    "runs export": ("runs export 20010001 --out record.zip",),
    "runs show": ("runs show 20010001", "runs show 20010001 --plan"),
    "packs check": ("packs check ~/.config/swim-tui/packs/mine.yaml",),
    "packs show": ("packs show asr1002 --commands",),
    "facts read": (
        "facts read show-version.txt",
        "facts read --platform asr1002 --command 'dir bootflash:' dir.txt",
    ),
    "settings set": ("settings set activation.batch 5", "settings list"),
    "engine start": ("engine start", "engine install"),
    "lab up": ("lab up demo", "lab up story8 --dir /tmp/lab --time-scale 60"),
    "lab fault": ("lab fault sw1 drop_at=50%", "lab fault jump-sf otp", "lab fault sw1 all --clear"),
    "doctor": ("doctor --jumps --devices",),
}


def epilog(path: str) -> str | None:
    """The examples of a command, ready for click; None where there are none."""
    found = EXAMPLES.get(path)
    return "\b\nExamples:\n" + "\n".join(f"  swim-tui {line}" for line in found) if found else None
