"""The command line: the twin of the wizards. Nothing heavy is imported before a command needs it."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

INTERRUPTED = 130


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code; every error is one line on stderr, never a traceback."""
    import click

    from swim_tui.cli.output import tell
    from swim_tui.cli.root import root
    from swim_tui.errors import SwimError, describe, exit_code_of

    if os.environ.get("_SWIM_TUI_COMPLETE"):
        from swim_tui.cli.complete import attach

        attach(root)
    try:
        result = root.main(args=argv, prog_name="swim-tui", standalone_mode=False)
        sys.stdout.flush()
        return result if isinstance(result, int) else 0
    except click.exceptions.Exit as err:
        return err.exit_code
    except click.ClickException as err:
        return _say(f"{_sentence(err)}; {_help_of(err)}", 2)
    except (KeyboardInterrupt, click.Abort):
        return _say("interrupted", INTERRUPTED)
    except BrokenPipeError:
        # The reader (head, less) has what it wanted; nothing more may be written, at exit either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return 0
    except SwimError as err:
        problem = describe(err)
        for line in problem.data.get("problems", ()):
            tell(line)
        return _say(f"{problem.one_line()} ({problem.code})", exit_code_of(err))
    except Exception as err:
        if os.environ.get("SWIM_TUI_DEBUG"):
            raise
        return _say(describe(err).one_line() + " (SWIM_TUI_DEBUG=1 shows where)", 1)


def _say(text: str, code: int) -> int:
    from swim_tui.cli.output import plain

    sys.stderr.write(f"swim-tui: {plain(text)}\n")
    return code


def _sentence(err: object) -> str:
    import click

    assert isinstance(err, click.ClickException)
    text = " ".join(err.format_message().split()).rstrip(".")
    return text[:1].lower() + text[1:]


def _help_of(err: object) -> str:
    context = getattr(err, "ctx", None)
    return f"see: {context.command_path if context else 'swim-tui'} --help"
