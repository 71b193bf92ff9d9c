"""Device Selection where no image decides: the devices of which the engine says that the job can be done on them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar

from swim_tui.errors import SwimError, describe
from swim_tui.model.device import Group
from swim_tui.model.plan import DevicePlan
from swim_tui.model.views import DeviceRow
from swim_tui.ui.wizards.base import WizardPage
from swim_tui.ui.wizards.device_step import DeviceStep
from swim_tui.ui.wizards.group_tree import GroupTree, branches
from swim_tui.ui.wizards.verify import checks_text, why_not

_PIECE = 64


class AbleDeviceStep(DeviceStep):
    """Asks the engine for a plan of each candidate, in pieces; who is included and not skipped may be selected."""

    brief: ClassVar[str] = "Device"
    hint: ClassVar[str] = "Only devices that can. Space selects, Enter shows its checks, p pastes a list."

    def __init__(self, wizard: WizardPage) -> None:
        super().__init__(wizard)
        self._looked: dict[str, DevicePlan] = {}
        self._groups: Sequence[Group] = ()
        self._left = 0
        self._is_looking = False

    def is_candidate(self, row: DeviceRow) -> bool:
        """Whether the engine is asked about it at all."""
        return row.facts_at is not None

    async def enter(self) -> None:
        """What is known at once; the rest arrives."""
        held = self.wizard.mirror.devices
        self.draft.devices = [name for name in self.draft.devices if name in held]
        self._groups = await self.wizard.session.client.groups()
        self._fill_tree()
        self.refresh_rows(reset=True)
        self._select(self.draft.devices)
        wanted = [name for name in held if self.is_candidate(held[name])]
        self._misfits = {name: self.why_no_candidate(held[name]) for name in held if name not in set(wanted)}
        self._take([self._looked[name] for name in wanted if name in self._looked])  # also after a step back
        if not self._is_looking and set(wanted) - set(self._looked):
            self._is_looking = True
            self.wizard.run_worker(self._look(wanted), group="verify", exit_on_error=True)

    def why_no_candidate(self, row: DeviceRow) -> str:
        """What is said of a pasted name that is no candidate."""
        return "never read: sync it first" if row.facts_at is None else "this platform cannot"

    def _fill_tree(self) -> None:
        held = self.wizard.mirror.devices
        self.query_one(GroupTree).fill(branches((held[name] for name in self._shown()), self._groups))

    async def _look(self, names: list[str]) -> None:
        """Plans of the candidates, a piece at a time; rows appear as they come."""
        client = self.wizard.session.client
        try:
            for start in range(0, len(names), _PIECE):
                self._left = len(names) - start
                self.wizard.refresh_note()
                plan = await client.preview(self.wizard.request(names[start : start + _PIECE]))
                self._take(plan.devices)
        except SwimError as err:
            self.wizard.say(describe(err).one_line())
        finally:
            self._left, self._is_looking = 0, False
        self._fill_tree()
        self.query_one(GroupTree).show(self.draft.devices)
        self.refresh_rows(reset=True)
        self._select(self.draft.devices)
        self.wizard.refresh_contents()

    def _take(self, plans: Iterable[DevicePlan]) -> None:
        for one in plans:
            self._looked[one.device] = one
            if one.included and not one.skipped_because:
                self._eligible.add(one.device)
            else:
                self._misfits[one.device] = one.skipped_because or why_not(one)
        self.refresh_rows()
        self.wizard.refresh_note()

    def plan_of(self, name: str, *, chosen: bool) -> DevicePlan | None:
        """The newest: the verification of a selected device, else what was looked up."""
        return self.wizard.verifier.plan(name) or self._looked.get(name)

    def note(self) -> str:
        """Selected n / Total m, and how many are still looked at."""
        looking = f"looking at {self._left}  " if self._left else ""
        return looking + super().note()

    def checks_of(self, name: str) -> str:
        """The checks of what was looked up."""
        return checks_text(self.plan_of(name, chosen=True))
