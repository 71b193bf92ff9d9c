"""What is known of the jump hosts from the sessions that went through them; in memory, true for this engine's life."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from swim_tui.errors import JumpError, Problem


class HopStates:
    """Whether each jump host answered when it was last needed; one that never was needed has no state."""

    def __init__(self) -> None:
        self._answers: dict[str, bool] = {}

    def worked(self, hops: Iterable[str]) -> None:
        """A session got through all of these."""
        self._answers.update(dict.fromkeys(hops, True))

    def failed(self, problem: Problem | None) -> None:
        """Take from a problem which jump host was not reached; other problems say nothing of them."""
        if problem is None or problem.code != JumpError.code:
            return
        hop, answers = str(problem.data.get("hop", "")), bool(problem.data.get("answers"))
        if hop and (hop in self._answers or not answers):  # a way that cannot be right is found without asking it
            self._answers[hop] = answers

    def forget(self, hop: str) -> None:
        """It was changed or removed: what was known was of another address."""
        self._answers.pop(hop, None)

    def of(self, names: Iterable[str]) -> Mapping[str, bool]:
        """Name -> whether it answered, of those that have a state."""
        return {name: self._answers[name] for name in names if name in self._answers}
