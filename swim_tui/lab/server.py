"""Serves the control socket of a lab."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
from pathlib import Path
from typing import Any

from .control import CONTROL_FILE, socket_path
from .device import Device
from .faults import FaultError
from .inventory import write_private
from .jump import JumpHost
from .lab import Lab
from .servers import FileServer


class BadRequest(Exception):
    """A control command that cannot be done; the text goes back."""


class ControlServer:
    """Answers one JSON line per request."""

    def __init__(self, lab: Lab) -> None:
        self._lab = lab
        self._server: asyncio.Server | None = None
        self.path = socket_path(lab.folder)
        self.is_done = asyncio.Event()

    async def start(self) -> None:
        """Open the socket and write control.json beside the inventory."""
        with contextlib.suppress(FileNotFoundError):
            self.path.unlink()
        self._server = await asyncio.start_unix_server(self._serve, str(self.path))
        self.path.chmod(0o600)
        known = {"pid": os.getpid(), "socket": str(self.path)}
        write_private(self._lab.folder / CONTROL_FILE, json.dumps(known) + "\n")

    async def stop(self) -> None:
        """Close the socket."""
        if self._server is not None:
            self._server.close()
        for path in (self.path, self._lab.folder / CONTROL_FILE):
            with contextlib.suppress(FileNotFoundError):
                path.unlink()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            line = await reader.readline()
            answer = self._answer(line)
            writer.write(json.dumps(answer).encode() + b"\n")
            await writer.drain()
        except ConnectionError:
            pass
        finally:
            writer.close()

    def _answer(self, line: bytes) -> dict[str, Any]:
        try:
            command = json.loads(line)
            if not isinstance(command, dict):
                raise BadRequest("a command is a JSON object")
            return self._do(command)
        except (BadRequest, FaultError) as err:
            return {"error": str(err)}
        except ValueError:
            return {"error": "not JSON"}

    def _do(self, command: dict[str, Any]) -> dict[str, Any]:
        lab = self._lab
        name = command.get("command", "")
        if name == "status":
            return lab.status()
        if name == "down":
            self.is_done.set()
            return {"ok": True}
        if name == "log":
            return {"log": str(lab.services.journal.path.resolve())}
        if name == "ready":
            return lab.ready()
        if name == "counters":
            return {
                "devices": {d.name: {**d.counters, "sessions": len(d.links)} for d in lab.devices.values()},
                "jumps": {j.name: dict(j.counters) for j in lab.jumps.values()},
                "servers": {s.name: dict(s.counters) for s in lab.servers.values()},
            }
        if name == "server":
            return {"server": self._server_named(command).state()}
        if name == "device":
            return {"device": self._device(command).state()}
        if name == "fault":
            return self._fault(command)
        raise BadRequest(f"no command '{name}'; known are status, down, fault, counters, device, server, log, ready")

    def _device(self, command: dict[str, Any]) -> Device:
        name = str(command.get("device", ""))
        if name not in self._lab.devices:
            raise BadRequest(f"no device '{name}'; known are {', '.join(self._lab.devices)}")
        return self._lab.devices[name]

    def _server_named(self, command: dict[str, Any]) -> FileServer:
        name = str(command.get("server", ""))
        if name not in self._lab.servers:
            raise BadRequest(f"no server '{name}'; known are {', '.join(self._lab.servers)}")
        return self._lab.servers[name]

    def _fault(self, command: dict[str, Any]) -> dict[str, Any]:
        """{"command": "fault", "device": NAME, "set": "drop_at=50%"} or "clear": NAME ("" clears all)."""
        name = str(command.get("device", ""))
        hosts: dict[str, Device | JumpHost | FileServer] = {**self._lab.jumps, **self._lab.servers}
        host = hosts[name] if name in hosts else self._device(command)
        if "set" in command:
            host.set_fault(str(command["set"]))
        elif "clear" in command:
            host.clear_fault(str(command["clear"] or ""))
        else:
            raise BadRequest("a fault command needs 'set' or 'clear'")
        return {"device": name, "faults": host.faults.texts()}


def log_path(folder: Path) -> Path:
    """The log of a lab directory."""
    return folder / "lab-log.jsonl"
