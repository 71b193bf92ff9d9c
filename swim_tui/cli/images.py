"""images: the repository."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import click

from swim_tui.cli.app import App, CommandGroup, common_options, pass_app
from swim_tui.cli.jobform import timed, when_options
from swim_tui.cli.output import confirm, emit, fields, moment, plain, size_exact, table, tell
from swim_tui.errors import BadValue
from swim_tui.model.job import JobRequest, JobType
from swim_tui.model.source import CISCO, DEVICE
from swim_tui.paths import user_path

if TYPE_CHECKING:
    from swim_tui.api.client import EngineClient
    from swim_tui.model.image import ImageIdentity, SoftwareImage
    from swim_tui.model.remote import RemoteFile
    from swim_tui.model.views import ImageDetail

_URL = re.compile(r"[a-z][a-z0-9+.-]*://", re.IGNORECASE)
MB = 1024 * 1024


@click.group(cls=CommandGroup)
@common_options
def images() -> None:
    """Repository: import, list, show, set, delete, identify."""


@images.command("import")
@click.argument("sources", nargs=-1, metavar="[PATH|URL]...")
@click.option("--device", default="", help="Copy from this device instead.")
@click.option("--file", "device_file", default="", help="File on the device; empty: the running image.")
@click.option("--md5", default="", help="Declared MD5; a wrong one keeps nothing.")
@click.option("--sha512", default="", help="Declared SHA-512.")
@click.option("--credentials", default="", metavar="PROFILE", help="Login of the server, or client of Cisco.com.")
@click.option("--wait", is_flag=True, help="Wait for the result, and exit by it.")
@when_options()
@common_options
@pass_app
def import_(
    app: App, sources: tuple[str, ...], device: str, device_file: str, md5: str, sha512: str, credentials: str,
    wait: bool, given: dict[str, Any],
) -> int:  # fmt: skip
    """Import images into the repository: one SWIM Collection job for each source.

    \b
      swim-tui images import /images/x.bin                       a file, or the images of a folder
      swim-tui images import https://host/x.bin sftp://host/dir/y.bin --credentials P
      swim-tui images import cisco:WS-C2960X-48TS-L/x.bin --credentials CLIENT
      swim-tui images import --device R1 --file flash:/x.bin
    A checksum file next to the image (x.bin.sha512, x.bin.md5, SHA512SUMS, MD5SUMS) is compared. Schemes: http, https,
    ftp, sftp (sftp://host/~/x begins in the login directory), scp.
    """
    from swim_tui.cli.watch import submit_and_report

    if bool(sources) == bool(device):
        raise click.UsageError("name files or URLs, or a device with --device, not both")
    if (md5 or sha512) and len(sources) > 1:
        raise click.UsageError("a hash belongs to one file: import them one by one")
    if device:
        requests = [JobRequest(JobType.COLLECTION, source=f"device:{device}", source_file=device_file)]
    else:
        paths = [_source(source) for source in sources]
        requests = [
            JobRequest(JobType.COLLECTION, source=path, md5=md5, sha512=sha512, source_credentials=credentials)
            for path in paths
        ]

    async def work(client: EngineClient) -> int:
        jobs = [await timed(client, request, given) for request in requests]
        return await submit_and_report(client, jobs, wait=wait, as_json=app.as_json, as_list=True)

    return app.with_engine(work)


def _source(text: str) -> str:
    """A URL as it is; a path made absolute, as the engine works elsewhere."""
    if _URL.match(text) or text.startswith(CISCO):
        return text
    path = user_path(text).absolute()
    if not path.exists():
        raise BadValue(
            name="image",
            value=text,
            detail="there is no such file",
            allowed="the path of an image or of a folder of images, or an address",
        )
    return str(path)


@images.command()
@click.argument("source", metavar="PATH|URL|device:NAME|cisco:PID@RELEASE")
@click.option("--credentials", default="", metavar="PROFILE", help="Login of the server, or client of Cisco.com.")
@common_options
@pass_app
def browse(app: App, source: str, credentials: str) -> None:
    """What a directory, a server, a device or Cisco.com has to import.

    \b
      swim-tui images browse sftp://host/images/ --credentials P
      swim-tui images browse "cisco:WS-C2960X-48TS-L@15.2(4)E7" --credentials CLIENT
    """
    is_elsewhere = _URL.match(source) or source.startswith((CISCO, DEVICE))
    wanted = source if is_elsewhere else str(user_path(source).absolute())

    async def work(client: EngineClient) -> list[RemoteFile]:
        return await client.api.browse_source(wanted, credentials)

    found = app.with_engine(work)
    if app.as_json:
        emit(found)
        return
    rows = [
        (
            plain(f"{f.name}/" if f.is_dir else f.name),
            "" if f.size_bytes is None else size_exact(f.size_bytes),
            moment(f.modified_at),
            plain(f.note),
        )
        for f in found
    ]
    table(("name", "size", "modified", "note"), rows, empty="nothing there")


@images.command("list")
@common_options
@pass_app
def list_(app: App) -> None:
    """List the images of the repository."""

    async def work(client: EngineClient) -> list[SoftwareImage]:
        return await client.api.images()

    found = app.with_engine(work)
    if app.as_json:
        emit(found)
        return
    rows = [
        (i.file_name, i.family or "not recognised", i.identity.image_type, i.version, size_exact(i.size_bytes), i.id)
        for i in found
    ]
    table(("file", "family", "type", "version", "size", "id"), rows, empty="no images; swim-tui images import PATH")


@images.command()
@click.argument("name")
@common_options
@pass_app
def show(app: App, name: str) -> None:
    """Everything known about an image (by file name or id)."""

    async def work(client: EngineClient) -> ImageDetail:
        return await client.api.image(name)

    detail = app.with_engine(work)
    if app.as_json:
        emit(detail)
        return
    image, identity = detail.image, detail.image.identity
    origins = {key: f" (from {origin})" for key, origin in identity.origins.items()}
    fields(
        [
            ("file", image.file_name),
            ("id", image.id),
            ("family", image.family + origins.get("family", "") if image.family else "not recognised"),
            ("image name", identity.image_name),
            ("version", image.version + origins.get("version", "") if image.version else ""),
            ("type", identity.image_type),
            ("size", size_exact(image.size_bytes)),
            ("MD5", image.md5),
            ("SHA-512", image.sha512),
            ("minimum RAM", size_exact(image.min_ram_bytes)),
            ("minimum flash", size_exact(image.min_flash_bytes)),
            ("minimum version", image.min_version),
            ("imported", moment(image.imported_at)),
            ("source", image.source),
            ("running on", ", ".join(detail.running_on)),
            ("used by jobs", ", ".join(detail.jobs)),
        ]
    )
    for problem in identity.problems:
        tell(problem)


@images.command("set")
@click.argument("name")
@click.option("--min-ram", type=click.FloatRange(min=0), help="Minimum RAM in MB (2^20); 0 clears it.")
@click.option("--min-flash", type=click.FloatRange(min=0), help="Minimum flash in MB (2^20); 0 clears it.")
@click.option("--family", help="Image family.")
@click.option("--version", "image_version", help="Version.")
@click.option("--min-version", help="Minimum running version.")
@common_options
@pass_app
def set_(
    app: App, name: str, min_ram: float | None, min_flash: float | None, family: str | None,
    image_version: str | None, min_version: str | None,
) -> None:  # fmt: skip
    """Set what a person knows better than header and name."""
    if all(value is None for value in (min_ram, min_flash, family, image_version, min_version)):
        raise click.UsageError("name what to set: --min-ram, --min-flash, --family, --version, --min-version")

    async def work(client: EngineClient) -> SoftwareImage:
        return await client.api.set_image(
            name,
            min_ram_bytes=None if min_ram is None else round(min_ram * MB),
            min_flash_bytes=None if min_flash is None else round(min_flash * MB),
            version=image_version,
            family=family,
            min_version=min_version,
        )

    image = app.with_engine(work)
    emit(image) if app.as_json else tell(f"{image.file_name}: set")


@images.command()
@click.argument("name")
@click.option("--yes", is_flag=True, help="Do not ask.")
@common_options
@pass_app
def delete(app: App, name: str, yes: bool) -> None:
    """Delete an image that no running job uses."""
    if not yes:
        confirm(f"Delete {name} from the repository?", "--yes")

    async def work(client: EngineClient) -> None:
        await client.api.delete_image(name)

    app.with_engine(work)
    emit({"deleted": name}) if app.as_json else tell(f"deleted: {name}")


@images.command()
@click.argument("names", nargs=-1, required=True, metavar="FILENAME...")
@common_options
@pass_app
def identify(app: App, names: tuple[str, ...]) -> int:
    """What file names say (they need not exist)."""

    async def work(client: EngineClient) -> list[ImageIdentity]:
        return await client.api.identify(list(names))

    found = app.with_engine(work)
    if app.as_json:
        emit([{"file_name": name, "identity": identity} for name, identity in zip(names, found, strict=True)])
        return 0
    rows = [
        (name, i.family if i.recognised else "not recognised", i.version, i.image_type, i.format)
        for name, i in zip(names, found, strict=True)
    ]
    table(("file", "family", "version", "type", "format"), rows)
    return 0
