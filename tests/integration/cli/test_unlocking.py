"""A vault with a passphrase on the command line: asked for on a terminal, until it is right or left."""

from __future__ import annotations

from pathlib import Path

from tests.integration.cli.test_codes import Terminal
from tests.support.world import World

PHRASE = " quartz and xylophone "  # the blanks belong to it


def test_the_passphrase_is_asked_again_after_a_wrong_one_and_never_shown(tmp_path: Path) -> None:
    world = World(tmp_path)
    try:
        world.start_engine()
        world.here("credentials", "add", "site", "--username", "u", "--password-stdin", stdin="pw\n")
        world.here(
            "credentials", "rotate-key", "--to", "passphrase", "--passphrase-stdin", "--yes", stdin=f"{PHRASE}\n"
        )
        world.here("engine", "stop")
        world.start_engine()
        assert world.json_here("credentials", "vault")["locked"] is True
        locked = world.here("credentials", "add", "b", "--username", "u", "--password-stdin", stdin="x\n", code=4)
        assert "swim-tui credentials unlock" in locked.stderr
        terminal = Terminal(world, "credentials", "vault")
        terminal.until("Passphrase of the vault: ")
        terminal.type(f"{PHRASE.strip()}\n")
        terminal.until("nothing is lost: type it again")
        terminal.until("again\r\nPassphrase of the vault: ")
        terminal.type(f"{PHRASE}\n")
        assert terminal.end() == 0
        shown = terminal.seen.decode()
        assert "open, 1 entries" in shown
        assert PHRASE.strip() not in shown
    finally:
        world.stop()
