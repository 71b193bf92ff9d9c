"""SMUs on a Catalyst 9300 of the lab: added, activated, committed, taken back; what they are refused for."""

from __future__ import annotations

from pathlib import Path

from tests.unit.lab.labkit import PROMPT, running_lab, shell
from tests.unit.lab.unitkit import Y_N, answer, send, state, until_boot

ONE, OLD = "sj-9300-01", "sj-9300-02"
COLD = "cat9k_iosxe.17.06.07.CSCwh87343.SPA.smu.bin"
HOT = "cat9k_iosxe.17.06.07.CSCwf54007.SPA.smu.bin"


async def test_smus_are_added_activated_committed_and_taken_back(tmp_path: Path) -> None:
    async with running_lab(tmp_path, "smus") as lab:
        device = lab.devices[ONE]
        for file in (HOT, COLD):
            await send(lab, ONE, "flash", file)
        async with shell(lab, ONE) as cli:
            said = await cli.run(f"show install package flash:{COLD}")
            assert "Package State: Not Installed" in said
            assert "SMU Type: reload" in said
            assert "SMU Compatible with Version: 17.06.07.0.8034" in said
            for file in (HOT, COLD):
                assert "SUCCESS: install_add  " in await cli.run(f"install add file flash:{file}")
            assert f"SMU   I    flash:{HOT}" in await cli.run("show install summary")
            await cli.run(f"install activate file flash:{HOT} auto-abort-timer 60", Y_N)
            text = await answer(cli, "y", PROMPT)
            assert "SUCCESS: install_activate  " in text
            assert "will reload" not in text
            assert f"SMU   U    flash:{HOT}" in await cli.run("show install uncommitted")
            assert "there are uncommitted changes" in await cli.run(f"install activate file flash:{COLD}")
            assert "SUCCESS: install_commit" in await cli.run("install commit")
            assert f"SMU   C    flash:{HOT}" in await cli.run("show install summary")
            await cli.run(f"install activate file flash:{COLD}", Y_N)
            assert "Install will reload the system now!" in await answer(cli, "y", PROMPT)
        await until_boot(device)
        async with shell(lab, ONE) as cli:
            assert f"SMU   U    flash:{COLD}" in await cli.run("show install summary")
            await cli.run("install abort", Y_N)
            await answer(cli, "y", PROMPT)
        await until_boot(device, 2)
        async with shell(lab, ONE) as cli:
            summary = await cli.run("show install summary")
            assert (f"SMU   I    flash:{COLD}" in summary, f"SMU   C    flash:{HOT}" in summary) == (True, True)
            await cli.run(f"install deactivate file flash:{HOT}", Y_N)
            assert "SUCCESS: install_deactivate" in await answer(cli, "y", PROMPT)
            assert "SUCCESS: install_commit" in await cli.run("install commit")
            assert f"SMU   I    flash:{HOT}" in await cli.run("show install summary")
            assert state(device, 1)["version"] == "17.06.07"


async def test_an_smu_of_another_release_is_refused(tmp_path: Path) -> None:
    async with running_lab(tmp_path, "smus") as lab:
        await send(lab, OLD, "flash", COLD)
        async with shell(lab, OLD) as cli:
            text = await cli.run(f"install add file flash:{COLD}")
            assert "is not compatible with the running version 17.03.01" in text
            assert "FAILED: install_add" in text
