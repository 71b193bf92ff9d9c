"""`copy URL FS:` of IOS and IOS-XE: its questions in the order of the release, its marks, and its error texts."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from .fetch import FetchError, Remote, Trouble, Url, open_remote, parse_url
from .receive import Download, WriteError, watched
from .terminal import Aborted

if TYPE_CHECKING:
    from .flash import FileSystem
    from .ios.shell import Shell

ORDER = ("host", "user", "file", "dest", "over", "password")
SSH = ("scp", "sftp")
MARK_BYTES = 65536
PASSWORDS = 3
BAD_HOST = "%Error opening {url} (Invalid IP address or hostname)\n"
CLIENT_TEXTS = {
    Trouble.TIMEOUT: "% Connection timed out; remote host not responding\n",
    Trouble.REFUSED: "% Connection refused by remote host\n",
}


@dataclass
class Pull:
    """What is known of a copy while its questions are asked."""

    shell: Shell
    url: Url
    system: FileSystem
    prefix: str
    dest: str
    is_complete: bool
    said: str = ""

    @property
    def is_quiet(self) -> bool:
        """`file prompt quiet` suppresses the questions about names."""
        return self.shell.device.running.has("file prompt quiet")

    @property
    def shown(self) -> str:
        """The destination as IOS prints it."""
        return f"{self.prefix}:/{self.dest}"

    # -- questions: each gives False to end the copy ---------------------------------------

    async def ask_host(self) -> bool:
        """Address or name of remote host."""
        if not self.is_complete:
            host = await self._line("Address or name of remote host", self.url.host)
            self.url = replace(self.url, host=host)
        if not self.url.host:
            self.said = "% Bad IP address or host name\n"
        return bool(self.url.host)

    async def ask_user(self) -> bool:
        """Source username, where the protocol has one and the URL did not say."""
        if self.url.scheme not in SSH or (self.is_complete and self.url.username):
            return True
        default = self.url.username or self.shell.link.username
        self.url = replace(self.url, username=await self._line("Source username", default))
        return True

    async def ask_file(self) -> bool:
        """Source filename."""
        if not self.is_complete:
            self.url = replace(self.url, path=await self._line("Source filename", self.url.path))
        if not self.url.path:
            self.said = "%Error parsing filename (Invalid argument)\n"
        return bool(self.url.path)

    async def ask_dest(self) -> bool:
        """Destination filename: whatever is typed is the name, `y` and `yes` too."""
        self.dest = self.dest or self.url.name
        if not self.is_quiet:
            typed = await self._line("Destination filename", self.dest)
            self.dest = typed.partition(":")[2].strip("/") if ":" in typed else typed
        return True

    async def ask_over(self) -> bool:
        """The warning about a file of that name."""
        if self.dest not in self.system.files or self.is_quiet:
            return True
        self.shell.term.write("%Warning:There is a file already existing with this name\n")
        return await self.shell.term.confirm("Do you want to over write? [confirm]")

    async def ask_key(self) -> bool:
        """The question about a host key nobody knows."""
        if self.url.scheme not in SSH:
            return True
        self.shell.term.write(
            f"The authenticity of host '{self.url.host} ({self.url.host})' can't be established.\n"
            "RSA key fingerprint is 3f:1c:7a:90:1b:5d:11:22:9e:04:aa:63:0e:4c:7b:18.\n"
        )
        question = "Are you sure you want to continue connecting (yes/no)? "
        while True:
            word = (await self.shell.term.read_line(question)).strip().lower()
            if word in ("yes", "no"):
                self.said = "" if word == "yes" else f"%Error opening {self.url.shown} (Undefined error)\n"
                return word == "yes"
            question = "Please type 'yes' or 'no': "

    async def ask_password(self) -> bool:
        """The password; switches take none from the URL."""
        is_switch = self.shell.device.platform.personality.startswith("ios")
        if self.url.scheme in SSH and (is_switch or not self.url.password):
            await self.type_password()
        return True

    async def ask_erase(self) -> bool:
        """The oldest flash file systems offer to erase everything first, and RETURN means yes."""
        if not await self.shell.term.confirm(f"Erase {self.prefix}: before copying? [confirm]"):
            return True
        question = f"Erasing the {self.prefix} filesystem will remove all files! Continue? [confirm]"
        if await self.shell.term.confirm(question):
            self.system.files.clear()
            self.shell.device.changed()
            self.shell.device.log("erased", self.prefix)
            self.shell.term.write(f"Erasing device... {'e' * 40} ...erased\nErase of {self.prefix}: complete\n")
        return True

    async def type_password(self) -> None:
        """Ask for it once."""
        typed = await self.shell.term.read_line("Password: ", echo=False, is_secret=True)
        self.url = replace(self.url, password=typed)

    async def _line(self, question: str, default: str) -> str:
        return (await self.shell.term.read_line(f"{question} [{default}]? ")).strip() or default

    async def ask_all(self) -> bool:
        """All questions in the order of this release."""
        for step in self.shell.device.spec.copy_order or ORDER:
            if not await getattr(self, f"ask_{step}")():
                return False
        return True


def _config_value(shell: Shell, lead: str) -> str:
    line = next((line for line in shell.device.running.lines if line.startswith(f"{lead} ")), "")
    return line.split()[-1] if line else ""


def _with_configured_login(shell: Shell, url: Url) -> Url:
    lead = {"ftp": "ip ftp", "http": "ip http client", "https": "ip http client"}.get(url.scheme, "")
    if not lead or url.username:
        return url
    username, password = _config_value(shell, f"{lead} username"), _config_value(shell, f"{lead} password")
    return replace(url, username=username, password=password)


def _refused_at_once(shell: Shell, pull: Pull) -> str:
    device, url = shell.device, pull.url
    fault = device.faults.take("copy_error")
    if fault is not None:
        return f"%Error opening {url.shown} ({fault.value})\n"
    if device.faults.has("low_memory"):
        return "%% Low on memory; try again later\n"
    if device.faults.has("exclusive_flash") and device.storage.writers:
        return f"%Error opening {pull.shown} (Device in exclusive use)\n"
    if url.vrf and url.scheme in SSH:
        return BAD_HOST.format(url=url.shown)
    trusts = any(line.startswith("ip http client secure-trustpoint") for line in device.running.lines)
    if url.scheme == "https" and not trusts:
        return f"%Error opening {url.shown} (I/O error)\n"
    return ""


async def _open(pull: Pull) -> Remote:
    for tries in range(PASSWORDS):
        try:
            return await open_remote(pull.shell.device, _with_configured_login(pull.shell, pull.url))
        except FetchError as err:
            if err.trouble is not Trouble.LOGIN or pull.url.scheme not in SSH or tries == PASSWORDS - 1:
                raise
            await pull.type_password()
    raise FetchError(Trouble.LOGIN)


def _open_failed(pull: Pull, err: FetchError) -> str:
    text = CLIENT_TEXTS.get(err.trouble, "") if pull.url.scheme in SSH else ""
    return f"{text}%Error opening {pull.url.shown} ({err.trouble})\n"


def _begin(pull: Pull, remote: Remote) -> None:
    url, write = pull.url, pull.shell.term.write
    if url.scheme == "tftp":
        write(f"Loading {url.path} from {url.host} (via GigabitEthernet0): ")
    elif url.scheme == "ftp":
        write(f"Loading /{url.path.lstrip('/')} ")
    elif url.scheme in ("http", "https"):
        write(f"Loading {url.shown} ")
    elif url.scheme == "scp":
        write(f" Sending file modes: C0644 {remote.size} {remote.name}\n")


def _marks(pull: Pull, download: Download) -> None:
    faults = pull.shell.device.faults
    if faults.has("copy_idle_out") or faults.has("copy_idle_abort"):
        return
    state = {"bytes": 0, "marks": 0}

    def mark(count: int) -> None:
        state["bytes"] += count
        due = state["bytes"] // MARK_BYTES - state["marks"]
        text = ""
        for _ in range(due):
            state["marks"] += 1
            is_odd = faults.has("copy_timeouts") and state["marks"] % 7 == 0
            text += ".OE"[state["marks"] // 7 % 3] if is_odd else "!"
        if text:
            pull.shell.term.write(text)

    download.on_bytes = mark


async def _run(pull: Pull, download: Download) -> None:
    """The transfer; with an idle-out fault the session is closed from outside while it runs."""
    device = pull.shell.device
    fault = device.faults.get("copy_idle_out") or device.faults.get("copy_idle_abort")
    timer = None
    if fault is not None:
        conn = pull.shell.link.wire.conn
        device.log("idle-out-armed", pull.dest)
        if conn is not None:
            timer = asyncio.get_running_loop().call_later(device.services.seconds(fault.number), conn.close)
    try:
        await watched(download, pull.shell.term, ends_with_session=device.faults.has("copy_idle_abort"))
    finally:
        if timer is not None:
            timer.cancel()
    if download.is_unanswered and (conn := pull.shell.link.wire.conn) is not None:
        conn.close()
        await pull.shell.term.wait(1e9)


async def _transfer(pull: Pull, remote: Remote) -> str:
    device, term = pull.shell.device, pull.shell.term
    free = device.free(pull.system)
    if pull.dest in pull.system.files:
        free += pull.system.files[pull.dest].size
    if remote.size > free and not device.platform.personality.startswith("ios"):
        await remote.close()
        return f"%Error copying {pull.url.shown} (Not enough space on device)\n"
    _begin(pull, remote)
    download = Download(device, remote, pull.system, pull.dest, pull.url.scheme)
    _marks(pull, download)
    try:
        await _run(pull, download)
    except FetchError as err:
        lost = "... [timed out]\n" if pull.url.scheme == "tftp" else "\n"
        return f"{lost}%Error reading {pull.url.shown} ({err.trouble})\n"
    except WriteError as err:
        if str(err) == "Write failed":
            return f"\n%Error copying {pull.url.shown} ({err})\n"
        return f"\n%Error writing {pull.shown} ({err})\n"
    except Aborted:
        term.write("\n%Error copying file (Interrupted system call)\n")
        return ""
    await term.wait(device.services.seconds(device.platform.flush_s))
    end = "\n" if pull.url.scheme in SSH else f"\n[OK - {download.received} bytes]\n\n"
    if pull.url.scheme == "ftp":
        end = f"\n[OK - {download.received}/4096 bytes]\n\n"
    rate = int(download.received / download.seconds)
    return f"{end}{download.received} bytes copied in {download.seconds:.3f} secs ({rate} bytes/sec)\n"


async def pull(shell: Shell, source: str, target: str) -> str:
    """`copy SOURCE TARGET` with a remote source; the text of the result, questions already asked."""
    url = parse_url(source)
    assert url is not None
    found = shell.device.storage.locate(target)
    if shell.device.faults.has("no_pull"):
        return " " * (len(shell.prompt()) + 5) + "^\n% Invalid input detected at '^' marker.\n\n"
    if found is None or not found[0].has_sizes or "w" not in found[0].flags:
        return f"%Error opening {target} (No such device)\n"
    system, prefix, inside = found
    folder = system.files.get(inside)
    dest = "" if folder is not None and folder.is_folder else inside
    job = Pull(shell, url, system, prefix, dest, bool(url.host and url.path))
    if not await job.ask_all():
        return job.said
    refused = _refused_at_once(shell, job)
    if refused:
        return refused
    if job.url.scheme in ("tftp", "ftp"):
        shell.term.write(f"Accessing {job.url.shown}...\n")
    try:
        remote = await _open(job)
    except FetchError as err:
        return _open_failed(job, err)
    return await _transfer(job, remote)
