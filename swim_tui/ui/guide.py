"""The guide: why and how to upgrade, the usual questions, scenarios, words. Texts only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


def flowing(text: str) -> str:
    """The text with its paragraphs on one line each, to be wrapped where it is shown; tables and lists stay."""

    def one(block: str) -> str:
        lines = block.split("\n")
        is_table = any("  " in line or line[:1].isdigit() for line in lines)
        return block if is_table else " ".join(lines)

    return "\n\n".join(one(block) for block in text.split("\n\n"))


@dataclass(frozen=True)
class Topic:
    """One text of the guide; topics of one heading stand together."""

    id: str
    heading: str
    title: str
    text: str


_WHY = """Reasons to upgrade the software of network devices:

  security updates            close what an advisory (PSIRT) names
  critical fixes              end a fault that hurts the network
  new features, technologies  use what the hardware can do
  standardising               one image per family: fewer images to test, to know, to keep

Only devices under management (view 3) can be upgraded.
An image must be in the repository (view 4) before it can be distributed to devices or SWIM servers."""
_WHO = """An upgrade takes devices down. Who plans one is a network administrator who knows

  what each device does (role) and which others hang on it (upstream)
  which two devices stand in for each other (pair)
  when each site may be down (time zone of its location, maintenance window)

Write this into the inventory: role, upstream and pair of a device (e on it). The order of activation is
computed from them, shown with the reason for each position, and can be changed by hand."""
_ORDER = """1  Credential profiles, jump hosts        : credentials   : jumps
2  Devices: import or add, then read them  view 3, then i or n, then r
3  Groups, with the time zone of a site    : groups
4  Import images                           i on the home view
5  Minimum requirements of each image      view 4, Enter, e
6  Upgrade Analysis                        u
7  Distribute: while devices are in use    d
8  Activate: in the maintenance window     a, or in the same job
9  Commit, where the platform has it       c
10 Look: version, image, proof             view 3, Enter, i

Archive Configuration (b) and Sync Inventory (y) come before; a job does both for its own devices."""
_MINIMUMS = """Minimum RAM and minimum flash: what a device must have to take an image; also a minimum
running version and a minimum boot loader, where the vendor names them. It is asked once per image; analysis and
distribution use it.

Where the figures come from: the header of the image, which is read at import; the vendor's release notes or
the tool tip of its download page; an analysis report that a person has checked.

Some people type about ten per cent less flash than documented, because sizes are rounded. Give the exact
figure here and set the tolerance instead: it is a setting (, Minimum flash tolerance).

Without minimums an image can be distributed and then run badly, or not at all. Such images are marked
'! not set' in the repository, and the plan says so."""
_SERVERS = """A SWIM server gets an image once per run and serves it to the devices of its location
groups. It is chosen by the device's location; another one can be chosen in step 3 of Distribute.

Worth it: large networks, several sites at once, some fifty devices or more, sites that policy keeps apart,
a slow line to a site even with few devices behind it.
Not worth it: a few devices at one site. Two copies take longer than one from this machine.

Put devices into their locations first. A server speaks SFTP, SCP, FTP, HTTP or HTTPS; never TFTP.
Some platforms can only be served from this machine (Local File Server): their device pack says so."""
_PACKS = """A device pack is a file that says what a platform is and can: how it is recognised, its image families
and file systems, protocols, upgrade modes, commands and waits. Packs come with the program; install its new
versions as they are released, so that current device types and their servers are known.

swim-tui packs list        every pack, shipped and your own
swim-tui packs show NAME   what one says
swim-tui packs check FILE  whether a file is a good pack
swim-tui info              where your own packs belong

A pack of your own takes the place of the shipped one of the same name. A device that no pack fits is
listed and never touched."""
_QUESTIONS: Sequence[tuple[str, str, str]] = (
    (
        "Preparing",
        "Which images does my network need?",
        "Open Software Images: the summary counts images by family. View 3 sorted by family (S, f) counts the\n"
        "devices. Import one image per family that is really there, not all that exist.",
    ),
    (
        "Preparing",
        "Will an image fit, before I buy it?",
        "Upgrade Analysis (u) compares required and present RAM and flash, and gives a verdict per device and image.\n"
        "Read the devices first (y), so that it compares with today. A clean report is no promise: a file system\n"
        "can fill up, a line can fail.",
    ),
    (
        "Preparing",
        "Where do minimums come from?",
        "From the image's header at import, else from you: view 4, Enter, e. See 'Minimum requirements'.",
    ),
    (
        "Importing",
        "From where can an image come?",
        "From a device, from Cisco, from a URL, from a server by SCP, SFTP or FTP, from a file on this machine.\n"
        "Prefer SFTP and SCP. Large imports can be scheduled for a quiet hour.",
    ),
    (
        "Importing",
        "What does an import prove?",
        "Size and hashes are taken while the bytes arrive; an image counts only when it is whole. A declared hash\n"
        "that differs fails the import and leaves nothing behind.",
    ),
    (
        "Distributing and activating",
        "One job for both, or two?",
        "Two, where the window is short: distribute days before, look at the result, activate in the window.\n"
        "One, where it is urgent: activation starts when the distribution of all devices has ended.",
    ),
    (
        "Distributing and activating",
        "Sequential or parallel?",
        "Core or mixed jobs: sequential, one device down at a time, the next only when the one before is proven.\n"
        "Edge only: parallel, in batches, after the first device (the canary) is proven.",
    ),
    (
        "Distributing and activating",
        "Bundle or install mode on a Catalyst?",
        "Bundle runs the .bin from memory; install unpacks packages and boots packages.conf. The device pack says\n"
        "what a platform can do; a conversion in either direction is an option of the job.",
    ),
    (
        "Administrative settings",
        "Which protocol is used for a copy?",
        "The first of the order that device pack, device and file server all support. A protocol that is not\n"
        "selected is never tried (, Image transfer protocol order). The plan names it, with the reason.",
    ),
    (
        "Administrative settings",
        "Can a job differ from the settings?",
        "Yes: the wizard starts with the settings, and what is changed there holds for that job only.",
    ),
)
_PSIRT = """An advisory names the software of three edge routers; it is urgent.

Import the fixed image, set its minimums, run the analysis on the three. Then one job: distribute with boot
command, activate parallel. The first one is the canary; the others follow when it is proven. Look at the
Image tab of each afterwards."""
_EOL = """The release of 113 Catalyst 3850 in San Francisco, Los Angeles and New York ends its support.

One SWIM server and one location group per city, one image. Distribute to all through their servers in the
week before: each server gets the image once. Activate from the completed distribution job, sequentially,
one city per window in its own time zone."""
_WINDOWS = """Distribution does no harm while devices work: do it before the window, so that the window
holds reloads only.

The plan computes how long activation takes and which devices do not fit. Regions get a job each, with start
and end in the time zone of the region. A device that does not fit any more is not started."""
_WORDS = """activation job    a job that makes devices start the new image
Archive           running and startup configuration, kept encrypted before any change
collection job    a job that brings images into the repository (import)
commit            makes the active image survive a reload (IOS-XR, IOS-XE install mode); the snapshot for a rollback
device pack       a file that says what a platform is and can
distribution job  a job that copies an image to devices, and may activate it afterwards
engine            the background process that does the work; terminals come and go
family            images that are interchangeable by hardware: C2960, CAT3K_CAA, ...
ISSU              an upgrade in service, of platforms with two supervisors
location group    the site of a device: it chooses the SWIM server and the time zone
plan              every operation and command of a run, shown before it starts
proof             boot time, reload reason and version, read again after the reload
run               one execution of a job
SWIM server       a file server near a site that devices pull images from"""
_TOP = """The first line of every screen, on all terminals of an engine:

  swim 1.0 [PROD]  version and environment (, Environment); PROD is red
  commit by 14:05  a device goes back by itself then, unless it is committed
  [READ-ONLY]      this terminal watches, it changes nothing
  engine ok        lost: the engine does not answer, what is shown is old
  jump ok          all jump hosts answered when last needed; one that did not is named (: jumps)
  run 3  wait 9    tasks at work, and those that wait for their turn, a window or a person
  fail 2           failed tasks in the last run of each job, for a day or until a retry mends them
  att 2            terminals that look at this engine
  14:02 +01:00     the time here, and how far it is from UTC

A narrow screen leaves out what is well; what needs you stays."""
_LINKS = """README.md      what this is, how to install it, all keys and commands
swim-tui demo  a simulated network on this machine: try everything without a device
swim-tui --help, swim-tui COMMAND --help
swim-tui doctor  what is wrong with this machine, terminal, store
?              the keys of every screen

Walks through a demo (swim-tui demo --help names them): a large network with three servers; three routers
and an advisory; they take the place of videos, and you hold the keyboard.

Product pages, release notes and support of the devices are the vendor's."""

TOPICS: tuple[Topic, ...] = (
    Topic("why", "Start", "Why upgrade", _WHY),
    Topic("who", "Start", "Who does it, and what they must know", _WHO),
    Topic("order", "Start", "The way of an upgrade, step by step", _ORDER),
    Topic("top", "Know", "The line at the top", _TOP),
    Topic("minimums", "Know", "Minimum requirements", _MINIMUMS),
    Topic("servers", "Know", "SWIM servers: when, and when not", _SERVERS),
    Topic("packs", "Know", "Device packs", _PACKS),
    Topic("windows", "Know", "Maintenance windows and regions", _WINDOWS),
    *(Topic(f"q{n}", heading, title, text) for n, (heading, title, text) in enumerate(_QUESTIONS, 1)),
    Topic("psirt", "Scenario", "An advisory and three routers", _PSIRT),
    Topic("eol", "Scenario", "113 switches in three cities", _EOL),
    Topic("words", "Words", "Glossary", _WORDS),
    Topic("links", "More", "Demo, documentation, links", _LINKS),
)
