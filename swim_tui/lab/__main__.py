"""Runs a lab in the foreground: `python -m swim_tui.lab up FILE --dir DIR`."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import signal
import sys
import tempfile
import warnings
from pathlib import Path

from .inventory import ExtraJump
from .lab import MODES, Lab, raise_file_limit, start_lab
from .network import find_network, load_network
from .server import ControlServer
from .yamlfile import NetworkError


def _positive(text: str) -> float:
    value = float(text)
    if value <= 0:
        raise argparse.ArgumentTypeError("must be above zero")
    return value


def _jump(text: str) -> ExtraJump:
    address, _, port = text.rpartition(":")
    if not address or not port.isdigit():
        raise argparse.ArgumentTypeError("must be ADDRESS:PORT")
    return ExtraJump(address, int(port))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m swim_tui.lab", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    up = commands.add_parser("up", help="start a lab and stay up until told otherwise")
    up.add_argument("file", help="a network file, or the name of a shipped one")
    up.add_argument("--dir", type=Path, default=None, help="where inventory, images and log are written")
    up.add_argument("--time-scale", type=_positive, default=None, help="divides all durations")
    up.add_argument("--size-scale", type=_positive, default=None, help="divides image and flash sizes")
    up.add_argument("--addresses", choices=MODES, default="virtual")
    up.add_argument("--faults", type=Path, default=None, help="a fault overlay file")
    up.add_argument("--jump", type=_jump, default=None, help="the jump host the inventory names (own, loopback)")
    up.add_argument("--lifeline", type=int, default=None, help="a file descriptor; the lab ends when it is closed")
    up.add_argument("--exit-with-parent", action="store_true", help="end when the parent process ends")
    return parser


def _watch_parent(control: ControlServer) -> None:
    """End when the process that started us ends; its threads may come and go."""
    loop = asyncio.get_running_loop()
    parent = os.getppid()
    if sys.platform == "linux":
        loop.add_reader(os.pidfd_open(parent), control.is_done.set)
        return

    def look() -> None:
        if os.getppid() != parent:
            control.is_done.set()
        else:
            loop.call_later(1.0, look)

    look()


def _watch_for_end(control: ControlServer, lifeline: int | None) -> None:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        loop.add_signal_handler(number, control.is_done.set)
    if lifeline is not None:

        def readable() -> None:
            if not os.read(lifeline, 1024):
                loop.remove_reader(lifeline)
                control.is_done.set()

        loop.add_reader(lifeline, readable)


async def _up(args: argparse.Namespace) -> int:
    network = load_network(find_network(args.file), args.size_scale, args.faults)
    folder = args.dir or Path(tempfile.mkdtemp(prefix="swim-tui-lab-"))
    scale = args.time_scale or network.time_scale
    lab = Lab(network, folder, mode=args.addresses, time_scale=scale, extra_jump=args.jump)
    control = ControlServer(lab)
    _watch_for_end(control, args.lifeline)
    if args.exit_with_parent:
        _watch_parent(control)
    await start_lab(lab)
    await control.start()
    sys.stdout.write(json.dumps({**lab.ready(), "control": str(control.path), "pid": os.getpid()}) + "\n")
    sys.stdout.flush()
    try:
        await control.is_done.wait()
    finally:
        await control.stop()
        lab.stop()
        # One turn of the loop lets the last bytes and closes go out.
        await asyncio.sleep(0.05)
    return 0


def main() -> int:
    """Parse the command line and run the lab."""
    parser = _parser()
    args = parser.parse_args()
    if args.jump is not None and args.addresses == "virtual":
        parser.error("--jump needs --addresses own or loopback: only the lab's own jump host reaches virtual addresses")
    os.umask(0o077)
    # Old devices speak exactly the key exchange that this warning is about.
    warnings.filterwarnings("ignore", message="Diffie-Hellman over finite fields")
    raise_file_limit()
    try:
        return asyncio.run(_up(args))
    except (NetworkError, ValueError, OSError) as err:
        sys.stderr.write(f"lab: {err}\n")
        return 2


if __name__ == "__main__":
    raise SystemExit(main())
