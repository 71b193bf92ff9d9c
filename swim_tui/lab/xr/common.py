"""What the installers of all IOS-XR generations share: finding files, their packages, and failing."""

from __future__ import annotations

from ..content import identify
from ..device import Device
from ..fetch import FetchError, open_remote, parse_url
from ..ios.shell import Shell
from ..receive import Download, WriteError, watched
from .packages import Package, package_of
from .state import Operation, XrState, base_of, state_of

ADD_S, ACTIVATE_S, COMMIT_S, REMOVE_S = 600.0, 360.0, 30.0, 20.0


def cause(device: Device) -> str:
    """The cause an install fails for, if it was told to; a counted fault is used up."""
    fault = device.faults.take("xr_install_fails")
    return fault.value if fault is not None else ""


def read_package(device: Device, path: str) -> Package | None:
    """The package of a file on the device; None when it is missing, damaged or of another platform."""
    found = device.storage.locate(path.lstrip("/"))
    file = found[0].files.get(found[2]) if found else None
    if file is None:
        return None
    software = identify(file.content, file.name.rpartition("/")[2])
    if software is None or software.family not in device.platform.families:
        return None
    return package_of(software)


def exists(device: Device, path: str) -> bool:
    """Whether a file is there at all."""
    found = device.storage.locate(path.lstrip("/"))
    return found is not None and found[2] in found[0].files


async def sources(shell: Shell, source: str, names: list[str]) -> list[str] | str:
    """Paths on the device of the files to add, remote ones fetched first; a text is an error."""
    url = parse_url(source)
    if url is None:
        return [f"{source.rstrip('/')}/{name}" if name else source for name in names or [""]]
    device = shell.device
    system = device.storage.systems[0]
    paths = []
    for name in names:
        one = parse_url(f"{source.rstrip('/')}/{name}")
        assert one is not None
        if one.scheme in ("scp", "sftp") and not one.password:
            password = await shell.term.read_line("Password: ", echo=False, is_secret=True)
            one = type(one)(one.scheme, one.host, one.port, one.path, one.username, password, one.vrf)
        try:
            remote = await open_remote(device, one)
            await watched(Download(device, remote, system, name, one.scheme), shell.term)
        except (FetchError, WriteError) as err:
            return f"Error:    Cannot proceed with the add operation because {name} could not be read ({err})\n"
        paths.append(f"{system.prefix}:/{name}")
    return paths


def merged(own: XrState, new: list[Package]) -> tuple[list[Package], list[Package]]:
    """(the set after an activation, active packages of the old release that were not replaced)."""
    base = base_of(new)
    parts = {package.part for package in new}
    if base is None:
        return [*[p for p in own.active if p.part not in parts], *new], []
    left = [p for p in own.active if p.part not in parts and not p.is_smu and p.version != base.version]
    kept = [p for p in own.active if p.part not in parts and p.version == base.version]
    return [*kept, *new], left


def arm(device: Device, operation: Operation, packages: list[Package]) -> None:
    """The next boot takes this set, once."""
    own = state_of(device)
    own.pending, own.pending_boots = packages, device.counters["boots"]
    own.points[operation.number] = list(packages)


def needs_reload(own: XrState, packages: list[Package]) -> bool:
    """Whether activating them restarts the nodes: a new base does, an optional package does not."""
    base = base_of(packages)
    now = base_of(own.active)
    return base is not None and (now is None or base.name != now.name)
