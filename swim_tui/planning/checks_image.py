"""Checks of an image against a device: family, minimums, version order, management access, feature set."""

from __future__ import annotations

import re

from swim_tui.model.checks import Check, Verdict
from swim_tui.model.smu import patched_file
from swim_tui.model.version import Order, Scheme, compare, parse_version
from swim_tui.planning.situation import Situation

LOWER_VERSION = "lower-version"
NO_CRYPTO = "no-crypto"


def consented(s: Situation, check: Check) -> Check:
    """A failed check whose consent was given is a warning that says so."""
    if check.verdict is Verdict.FAILED and check.consent and s.consented(check.consent):
        return Check(
            check.name,
            Verdict.WARNING,
            check.expected,
            check.actual,
            f"consent '{check.consent}' was given",
            check.consent,
        )
    return check


def megabytes(size: int | None) -> str:
    """Bytes in MB of 1024 x 1024, as the analysis report shows them."""
    return "not known" if size is None else f"{size / 1048576:.0f} MB" if size >= 1048576 else f"{size} bytes"


def check_family(s: Situation) -> Check:
    """The image's family, and its name, must be among those the pack accepts."""
    name, family = s.image.file_name, s.image.family
    expected = ", ".join(s.pack.families) or "a name the pack knows"
    known = patched_file(name) or name  # an SMU is named after the image it goes onto
    by_name = any(re.fullmatch(p, known, re.IGNORECASE) for p in s.pack.file_patterns)
    action = "choose an image for this platform"
    if family and family.lower() not in (f.lower() for f in s.pack.families):
        return Check("Image family", Verdict.FAILED, expected, family, action)
    if family and not by_name:
        # One family token serves many platforms (X86_64_LINUX_IOSD: ISR 4000 and ASR 1000): the name decides.
        shown = f"{family}, but {name} is not named like an image of {s.pack.title}"
        return Check("Image family", Verdict.FAILED, expected, shown, f"{action}, or import it under its original name")
    if family:
        return Check("Image family", Verdict.OK, expected, family)
    if by_name:
        return Check(
            "Image family", Verdict.WARNING, expected, "not known", "only the file name fits; compare the header"
        )
    return Check("Image family", Verdict.FAILED, expected, f"not known, and the name {name} does not fit", action)


def check_image_known(s: Situation) -> Check:
    """An image that was not recognised, is empty or contradicts itself."""
    if s.image.size_bytes <= 0:
        return Check("Image file", Verdict.FAILED, "an image with content", "0 bytes", "import the image again")
    problems = "; ".join(s.image.identity.problems)
    if problems:
        return Check(
            "Image file", Verdict.WARNING, "header and name agree", problems, "compare its hash with the vendor's"
        )
    if not s.image.identity.recognised:
        return Check(
            "Image file", Verdict.WARNING, "recognised", "not recognised", "fill in its fields on the image page"
        )
    return Check("Image file", Verdict.OK, "recognised", "recognised")


def check_ram(s: Situation) -> Check:
    """Minimum RAM of the image against the RAM of the device."""
    need, have = s.image.min_ram_bytes, s.facts.version.ram_bytes
    if need is None:
        action = "set the minimum RAM on the image page, or the image may run badly with too little"
        return Check("Minimum RAM", Verdict.WARNING, "not known", megabytes(have), action)
    if have is None:
        return Check("Minimum RAM", Verdict.WARNING, megabytes(need), "not known", "look at show version on the device")
    if have < need:
        action = "fit more memory or choose a smaller image"
        return Check("Minimum RAM", Verdict.FAILED, megabytes(need), megabytes(have), action)
    return Check("Minimum RAM", Verdict.OK, megabytes(need), megabytes(have))


def check_flash_size(s: Situation) -> Check | None:
    """Minimum flash of the image against the size of its file system; nothing to say where it is not set."""
    need = s.image.min_flash_bytes
    if need is None or not s.targets:
        return None
    sizes = [t.file_system.total_bytes for t in s.targets if t.file_system.total_bytes is not None]
    if not sizes:
        return Check("Minimum flash", Verdict.WARNING, megabytes(need), "not known", "look at dir on the device")
    have = min(sizes)
    verdict = Verdict.OK if have >= need else Verdict.FAILED
    action = "" if have >= need else "this image needs a bigger flash"
    return Check("Minimum flash", verdict, megabytes(need), megabytes(have), action)


def check_min_version(s: Situation) -> Check | None:
    """Minimum running version set on the image."""
    need, have = s.image.min_version, s.facts.version.version
    if not need:
        return None
    order = compare(have, need)
    if order in (Order.NEWER, Order.SAME):
        return Check("Minimum running version", Verdict.OK, need, have)
    if order is Order.INCOMPARABLE:
        action = "compare the two versions by hand"
        return Check("Minimum running version", Verdict.WARNING, need, have or "not known", action)
    return Check("Minimum running version", Verdict.FAILED, need, have, f"upgrade to {need} first")


def check_rommon(s: Situation) -> Check | None:
    """Minimum boot loader version set on the image; an unknown one is a warning."""
    need, have = s.image.min_rommon, s.facts.version.rommon
    if not need:
        return None
    order = compare(have, need) if have else Order.INCOMPARABLE
    if order in (Order.NEWER, Order.SAME):
        return Check("Minimum boot loader", Verdict.OK, need, have)
    if order is Order.LOWER:
        return Check("Minimum boot loader", Verdict.FAILED, need, have, "upgrade the boot loader (ROMMON) first")
    return Check(
        "Minimum boot loader", Verdict.WARNING, need, have or "not known", "look at the boot loader version by hand"
    )


def check_version_order(s: Situation) -> Check:
    """Same version is a warning, a lower one needs consent."""
    have, to = s.facts.version.version, s.image.version
    expected = f"newer than {have or 'the running version'}"
    order = compare(to, have) if to and have else Order.INCOMPARABLE
    if order is Order.NEWER:
        return Check("Version order", Verdict.OK, expected, to)
    if order is Order.SAME:
        return Check("Version order", Verdict.WARNING, expected, f"{to} (same version)", "is this upgrade needed?")
    if order is Order.INCOMPARABLE:
        return Check(
            "Version order", Verdict.WARNING, expected, to or "not known", "the versions do not compare; look at both"
        )
    action = "a lower version may drop configuration it does not know; give the consent if you mean it"
    return consented(s, Check("Version order", Verdict.FAILED, expected, f"{to} (lower)", action, LOWER_VERSION))


def check_upgrade_path(s: Situation) -> Check | None:
    """3.x to 16.x is a step that takes long and upgrades boot loader and microcode on its first boot."""
    have, to = parse_version(s.facts.version.version), parse_version(s.image.version)
    if have is None or to is None or have.scheme is to.scheme:
        return None
    path = f"{have.canonical} to {to.canonical}"
    if (have.scheme, to.scheme) == (Scheme.XE3, Scheme.XE16):
        action = "read the release notes for a stepping release; the first boot upgrades microcode and takes long"
    else:
        action = "these are different kinds of software; read the release notes"
    return Check("Upgrade path", Verdict.WARNING, "a direct step", path, action)


def check_crypto(s: Situation) -> Check:
    """An image without strong crypto does not bring SSH back."""
    strong = s.image.identity.has_strong_crypto
    if strong:
        return Check("Management access", Verdict.OK, "image with SSH (k9)", "k9")
    if strong is None:
        action = "make sure that the image has SSH, or the device will not be reachable after its reload"
        return Check("Management access", Verdict.WARNING, "image with SSH (k9)", "not known", action)
    action = "SSH will not come back with this image: choose a k9 image"
    return consented(
        s, Check("Management access", Verdict.FAILED, "image with SSH (k9)", "no strong crypto", action, NO_CRYPTO)
    )


def check_feature_set(s: Situation) -> Check | None:
    """A change of feature set is a warning with both names."""
    have, to = s.facts.version.feature_set, s.image.identity.feature_set
    if not have or not to:
        return None
    if have.upper() == to.upper():
        return Check("Feature set", Verdict.OK, have, to)
    return Check("Feature set", Verdict.WARNING, have, to, "features and licences change; compare what the device uses")


SMU_IMAGE_CHECKS = (check_family, check_image_known, check_min_version)
"""Those that make sense for a fix: memory, version order and feature set are those of the release it goes onto."""

IMAGE_CHECKS = (
    check_family,
    check_image_known,
    check_ram,
    check_flash_size,
    check_min_version,
    check_rommon,
    check_version_order,
    check_upgrade_path,
    check_crypto,
    check_feature_set,
)
