"""Every platform: how it is recognised, which images it takes, which class it is of, what it may be sent."""

from __future__ import annotations

import re

import pytest

from swim_tui.model.device import DeviceClass
from swim_tui.model.facts import BootMode, OsKind, VersionFacts
from swim_tui.model.imagename import identify_name
from swim_tui.packs.choose import accepts_file, effective
from swim_tui.packs.commands import commands_of
from swim_tui.packs.loading import load_packs
from swim_tui.packs.pack import IssuStyle, Pack, Support
from swim_tui.paths import shipped_data

PACKS = load_packs(shipped_data() / "packs")
X86 = "X86_64_LINUX_IOSD"

# pack, class, an image it takes; packs in one line share their images
IMAGES = [
    (("asr1002", "asr1000-rp1"), "XE-BUNDLE", "asr1000rp1-adventerprisek9.03.13.05.S.154-3.S5-ext.SPA.bin"),
    (("asr1001-x",), "XE-BUNDLE", "asr1001x-universalk9.16.09.08.SPA.bin"),
    (("asr1001-x",), "XE-BUNDLE", "asr1001x-universalk9.03.16.04b.S.155-3.S4b-ext.SPA.bin"),
    (("asr1001",), "XE-BUNDLE", "asr1001-universalk9.03.16.04b.S.155-3.S4b-ext.SPA.bin"),
    (("asr1002-x",), "XE-BUNDLE", "asr1002x-universalk9.16.09.08.SPA.bin"),
    (("asr1000-rp2",), "XE-BUNDLE", "asr1000rp2-adventerprisek9.03.16.04b.S.155-3.S4b-ext.SPA.bin"),
    (("asr1000-rp2",), "XE-BUNDLE", "asr1000rpx86-universalk9.16.09.08.SPA.bin"),
    (("asr1000-hx",), "XE-BUNDLE", "asr1000-universalk9.17.03.05.SPA.bin"),
    (("asr903",), "XE-SUBPKG", "asr903rsp1-universalk9_npe.03.18.09.S.156-2.SP9-ext.bin"),
    (("asr920",), "XE-BUNDLE", "asr920-universalk9_npe.03.18.09.S.156-2.SP9-ext.bin"),
    (("asr901",), "IOS-BIN", "asr901-universalk9-mz.156-2.SP4.bin"),
    (("isr4331", "isr4300"), "XE-BUNDLE", "isr4300-universalk9.16.06.04.SPA.bin"),
    (("isr4200",), "XE-BUNDLE", "isr4200-universalk9_ias.17.03.05.SPA.bin"),
    (("isr4400",), "XE-BUNDLE", "isr4400-universalk9.17.03.05.SPA.bin"),
    (("isr4461",), "XE-BUNDLE", "isr4400v2-universalk9.17.03.05.SPA.bin"),
    (("c1100",), "XE16-INSTALL", "c1100-universalk9_ias.17.03.05.SPA.bin"),
    (("c8200", "c8300", "c8500l"), "XE16-INSTALL", "c8000be-universalk9.17.09.04a.SPA.bin"),
    (("c8500",), "XE16-INSTALL", "c8000aep-universalk9.17.09.04a.SPA.bin"),
    (("c8000v",), "XE16-INSTALL", "c8000v-universalk9.17.09.04a.SPA.bin"),
    (("csr1000v",), "XE-BUNDLE", "csr1000v-universalk9.16.12.05.SPA.bin"),
    (("c9800-l",), "XE16-INSTALL", "C9800-L-universalk9_wlc.17.09.04a.SPA.bin"),
    (("c9800-cl",), "XE16-INSTALL", "C9800-CL-universalk9.17.09.04a.SPA.bin"),
    (("c9800-40",), "XE16-INSTALL", "C9800-40-universalk9_wlc.17.09.04a.SPA.bin"),
    (("c9800-80",), "XE16-INSTALL", "C9800-80-universalk9_wlc.17.09.04a.SPA.bin"),
    (("isr-g1",), "IOS-BIN", "c2800nm-advipservicesk9-mz.151-4.M12a.bin"),
    (("isr-g2",), "IOS-BIN", "c2900-universalk9-mz.SPA.151-4.M4.bin"),
    (("c880",), "IOS-BIN", "c880data-universalk9-mz.154-3.M5.bin"),
    (("c890",), "IOS-BIN", "c890-universalk9-mz.154-3.M10.bin"),
    (("c2960",), "IOS-BIN", "c2960-lanbasek9-mz.150-2.SE11.bin"),
    (("c2960",), "IOS-BIN", "c2960-lanbasek9-tar.150-2.SE11.tar"),
    (("c2960x",), "IOS-BIN", "c2960x-universalk9-mz.152-7.E10.bin"),
    (("c2960s",), "IOS-TAR", "c2960s-universalk9-tar.150-2.SE11.tar"),
    (("c2960cx",), "IOS-TAR", "c2960cx-universalk9-tar.152-7.E10.tar"),
    (("c3560cx",), "IOS-TAR", "c3560cx-universalk9-mz.152-7.E10.bin"),
    (("c3560x",), "IOS-TAR", "c3560e-universalk9-tar.150-2.SE12.tar"),
    (("c3750",), "IOS-TAR", "c3750-ipbasek9-mz.122-25.SEE3.bin"),
    (("c3750x",), "IOS-TAR", "c3750e-ipbasek9-tar.150-2.SE6.tar"),
    (("ie2000",), "IOS-TAR", "ie2000-universalk9-mz.152-4.EA9.bin"),
    (("ie4000",), "IOS-TAR", "ie4000-universalk9-mz.152-7.E3.bin"),
    (("c3850",), "XE16-INSTALL", "cat3k_caa-universalk9.SPA.03.06.06.E.152-2.E6.bin"),
    (("c3850",), "XE16-INSTALL", "cat3k_caa-universalk9.16.12.11.SPA.bin"),
    (("c9200",), "XE16-INSTALL", "cat9k_lite_iosxe.17.09.06a.SPA.bin"),
    (("c9300", "c9400", "c9500", "c9600"), "XE16-INSTALL", "cat9k_iosxe.17.09.05.SPA.bin"),
    (("ie9300",), "XE16-INSTALL", "ie9k_iosxe.17.09.02.SPA.bin"),
    (("cat4500",), "IOS-BIN", "cat4500-ipbasek9-mz.122-54.SG1.bin"),
    (("cat4500e-sup7", "cat4500x"), "XE-BUNDLE", "cat4500e-universalk9.SPA.03.06.06.E.152-2.E6.bin"),
    (("cat4500e-sup8",), "XE-BUNDLE", "cat4500es8-universalk9.SPA.03.08.10.E.152-4.E10.bin"),
    (("cat6500-sup720",), "IOS-BIN", "s72033-adventerprisek9_wan-mz.122-18.SXF7.bin"),
    (("cat6800-sup2t",), "IOS-BIN", "s2t54-adventerprisek9-mz.SPA.151-2.SY10.bin"),
    (("asr9k",), "XR-32", "asr9k-mini-px.pie-6.1.4"),
    (("asr9k",), "XR-32", "asr9k-px-5.3.3.CSCuy81837.pie"),
    (("crs",), "XR-32", "hfr-mini-px.pie-6.1.4"),
    (("asr9k-x64",), "XR-64", "asr9k-mini-x64-6.5.3.iso"),
    (("asr9k-x64",), "XR-64", "asr9k-goldenk9-x64-6.5.3-site.iso"),
    (("asr9k-x64",), "XR-64", "asr9k-k9sec-x64-2.1.0.0-r653.x86_64.rpm"),
    (("ncs5500",), "XR-64", "ncs5500-mini-x-6.6.3.iso"),
    (("ncs5500",), "XR-64", "ncs5500-mgbl-3.0.0.0-r663.x86_64.rpm"),
    (("ncs540",), "XR-64", "ncs540-mini-x-7.3.2.iso"),
    (("ncs560",), "XR-64", "ncs560-mini-x-7.3.2.iso"),
    (("ncs5k",), "XR-64", "ncs5k-mini-x-6.6.3.iso"),
    (("ncs6k",), "XR-64", "ncs6k-mini-x-6.6.3.iso"),
    (("xrv9k",), "XR-64", "xrv9k-fullk9-x-25.2.2.iso"),
    (("cisco8000",), "XR7", "8000-x64-7.9.2.iso"),
    (("ncs540l",), "XR7", "ncs540l-x64-7.9.2.iso"),
    (("n9k", "n3k"), "NXOS", "nxos.9.3.10.bin"),
    (("n9k",), "NXOS", "nxos64-cs.10.2.3.F.bin"),
    (("n9k",), "NXOS", "n9000-dk9.6.1.2.I3.1.bin"),
    (("n3k",), "NXOS", "nxos64-msll.10.2.3.F.bin"),
    (("n3k-6",), "NXOS", "n3000-uk9-kickstart.6.0.2.U6.10.bin"),
    (("n5k",), "NXOS", "n5000-uk9.7.3.8.N1.1.bin"),
    (("n5600", "n6k"), "NXOS", "n6000-uk9-kickstart.7.3.8.N1.1.bin"),
    (("n7000-s1",), "NXOS", "n7000-s1-dk9.8.2.5.bin"),
    (("n7000-s2",), "NXOS", "n7000-s2-kickstart.8.4.3.bin"),
    (("n7700-s2",), "NXOS", "n7700-s2-dk9.8.4.3.bin"),
    (("n7700-s3",), "NXOS", "n7700-s3-dk9.8.4.3.bin"),
]


@pytest.mark.parametrize(("names", "device_class", "file"), IMAGES, ids=[image for _, _, image in IMAGES])
def test_an_image_is_taken_by_its_own_platforms_and_by_no_other(
    names: tuple[str, ...], device_class: str, file: str
) -> None:
    assert {p.name for p in PACKS if accepts_file(p, file)} == set(names)
    for name in names:
        pack = PACKS.get(name)
        assert pack.device_class == device_class
        assert identify_name(file).family in pack.families


def test_every_pack_has_an_image_in_the_list_above() -> None:
    assert set(PACKS.names()) == {name for names, _, _ in IMAGES for name in names}


@pytest.mark.parametrize(
    "file", ["aci-n9000-dk9.13.1.2p.bin", "asa9-16-4-smp-k8.bin", "n9000-epld.9.3.10.img", "x.bin"]
)
def test_a_file_that_is_for_no_platform_is_taken_by_none(file: str) -> None:
    assert [p.name for p in PACKS if accepts_file(p, file)] == []


DEVICES = [
    # PID, family, image file, version, edition -> pack
    ("ASR1002", "PPC_LINUX_IOSD", "", "", "", "asr1002"),
    ("ASR1006", "PPC_LINUX_IOSD", "", "", "", "asr1000-rp1"),
    ("ASR1006", X86, "", "", "", "asr1000-rp2"),
    ("ASR1006-X", X86, "", "", "", "asr1000-rp2"),
    ("ASR1001", X86, "", "", "", "asr1001"),
    ("ASR1001-X", X86, "", "", "", "asr1001-x"),
    ("ASR1002-X", X86, "", "", "", "asr1002-x"),
    ("ASR1001-HX", X86, "", "", "", "asr1000-hx"),
    ("ASR-903", "PPC_LINUX_IOSD", "", "", "", "asr903"),
    ("ASR-920-24SZ-M", "PPC_LINUX_IOSD", "", "", "", "asr920"),
    ("A901-6CZ-FT-D", "ASR901", "", "", "", "asr901"),
    ("ISR4331/K9", X86, "", "", "", "isr4331"),
    ("ISR4321/K9", X86, "", "", "", "isr4300"),
    ("ISR4351/K9", X86, "", "", "", "isr4300"),
    ("ISR4221/K9", X86, "", "", "", "isr4200"),
    ("ISR4451-X/K9", X86, "", "", "", "isr4400"),
    ("ISR4461/K9", X86, "", "", "", "isr4461"),
    ("C1111-8P", "ARMV8EL_LINUX_IOSD", "", "", "", "c1100"),
    ("C8200-1N-4T", X86, "", "", "", "c8200"),
    ("C8300-1N1S-6T", X86, "", "", "", "c8300"),
    ("C8500-12X4QC", X86, "", "", "", "c8500"),
    ("C8500L-8S4X", X86, "", "", "", "c8500l"),
    ("C8000V", X86, "", "", "", "c8000v"),
    ("CSR1000V", X86, "", "", "", "csr1000v"),
    ("C9800-L-F-K9", X86, "", "", "", "c9800-l"),
    ("C9800-CL", "C9800", "", "", "", "c9800-cl"),
    ("C9800-40-K9", X86, "", "", "", "c9800-40"),
    ("C9800-80-K9", X86, "", "", "", "c9800-80"),
    ("WS-C2960-24TT-L", "C2960", "", "", "", "c2960"),
    ("WS-C2960+24TC-L", "C2960", "", "", "", "c2960"),
    ("WS-C2960X-48FPD-L", "C2960X", "", "", "", "c2960x"),
    ("WS-C2960XR-24TS-I", "C2960X", "", "", "", "c2960x"),
    ("WS-C2960S-48FPS-L", "C2960S", "", "", "", "c2960s"),
    ("WS-C2960CX-8PC-L", "C2960CX", "", "", "", "c2960cx"),
    ("WS-C3560CX-12PC-S", "C3560CX", "", "", "", "c3560cx"),
    ("WS-C3560X-24P-S", "C3560E", "", "", "", "c3560x"),
    ("WS-C3750G-24TS-1U", "C3750", "", "", "", "c3750"),
    ("WS-C3750X-24P", "C3750E", "", "", "", "c3750x"),
    ("IE-2000-8TC-L", "IE2000", "", "", "", "ie2000"),
    ("IE-4000-8GT8GP4G-E", "IE4000", "", "", "", "ie4000"),
    ("IE-9320-26S2C-E", "IE9K_IOSXE", "", "", "", "ie9300"),
    ("WS-C3650-48PD", "CAT3K_CAA", "", "", "", "c3850"),
    ("WS-C3850-24P", "CAT3K_CAA", "", "", "", "c3850"),
    ("C9200L-24T-4G", "CAT9K_LITE_IOSXE", "", "", "", "c9200"),
    ("C9300-24P", "CAT9K_IOSXE", "", "", "", "c9300"),
    ("C9300L-48P-4X", "CAT9K_IOSXE", "", "", "", "c9300"),
    ("C9404R", "CAT9K_IOSXE", "", "", "", "c9400"),
    ("C9410R", "CAT9K_IOSXE", "", "", "", "c9400"),
    ("C9500-24Y4C", "CAT9K_IOSXE", "", "", "", "c9500"),
    ("C9606R", "CAT9K_IOSXE", "", "", "", "c9600"),
    ("WS-C4507R+E", "cat4500es8", "", "", "", "cat4500e-sup8"),
    ("WS-C4510R+E", "cat4500e", "", "", "", "cat4500e-sup7"),
    ("WS-C4500X-32", "cat4500e", "", "", "", "cat4500x"),
    ("WS-C4506", "CAT4500", "", "", "", "cat4500"),
    ("WS-C6503-E", "s72033_rp", "", "", "", "cat6500-sup720"),
    ("C6807-XL", "s2t54", "", "", "", "cat6800-sup2t"),
    ("CISCO1941/K9", "C1900", "", "", "", "isr-g2"),
    ("CISCO2911/K9", "C2900", "", "", "", "isr-g2"),
    ("CISCO3945-CHASSIS", "C3900", "", "", "", "isr-g2"),
    ("2811", "C2800NM", "", "", "", "isr-g1"),
    ("CISCO1841", "C1841", "", "", "", "isr-g1"),
    ("CISCO881-K9", "C880DATA", "", "", "", "c880"),
    ("CISCO891-K9", "C890", "", "", "", "c890"),
    ("ASR9K Series", "ASR9K", "disk0:asr9k-os-mbi-6.1.4/mbiasr9k-rsp3.vm", "6.1.4", "px", "asr9k"),
    ("ASR9K", "ASR9K", "", "6.5.3", "x64", "asr9k-x64"),
    ("CRS-16/S-B", "CRS", "disk0:hfr-os-mbi-6.4.2/mbihfr-rp.vm", "6.4.2", "px", "crs"),
    ("NCS-5500", "NCS5500", "", "6.6.3", "x64", "ncs5500"),
    ("NCS-540", "NCS540", "", "7.3.2", "x64", "ncs540"),
    ("NCS-560", "NCS560", "", "7.3.2", "x64", "ncs560"),
    ("NCS-5002", "NCS5K", "", "6.6.3", "x64", "ncs5k"),
    ("NCS-6008", "NCS6K", "", "6.6.3", "x64", "ncs6k"),
    ("IOS-XRv 9000", "XRV9K", "", "25.2.2", "x64", "xrv9k"),
    ("8201-32FH", "8000", "", "7.9.2", "LNT", "cisco8000"),
    ("NCS540L", "NCS540L", "", "7.9.2", "LNT", "ncs540l"),
    ("C93180YC-EX", "Nexus9000", "bootflash:///nxos.9.3.10.bin", "9.3(10)", "", "n9k"),
    ("3048", "Nexus3000", "bootflash:///n3000-uk9.6.0.2.U6.10.bin", "6.0(2)U6(10)", "", "n3k-6"),
    ("C3172PQ", "Nexus3000", "bootflash:///nxos.7.0.3.I7.8.bin", "7.0(3)I7(8)", "", "n3k"),
    ("5548", "Nexus5000", "bootflash:///n5000-uk9.7.3.8.N1.1.bin", "7.3(8)N1(1)", "", "n5k"),
    ("5672UP", "Nexus5000", "bootflash:///n6000-uk9.7.3.8.N1.1.bin", "7.3(8)N1(1)", "", "n5600"),
    ("6001", "nexus6000", "bootflash:///n6000-uk9.7.3.8.N1.1.bin", "7.3(8)N1(1)", "", "n6k"),
    ("C7009", "Nexus7000", "bootflash:///n7000-s1-dk9.8.2.5.bin", "8.2(5)", "", "n7000-s1"),
    ("C7009", "Nexus7000", "bootflash:///n7000-s2-dk9.8.4.3.bin", "8.4(3)", "", "n7000-s2"),
    ("C7706", "Nexus7700", "bootflash:///n7700-s2-dk9.8.4.3.bin", "8.4(3)", "", "n7700-s2"),
    ("C7706", "Nexus7700", "bootflash:///n7700-s3-dk9.8.4.3.bin", "8.4(3)", "", "n7700-s3"),
    # what no pack knows, and what says too little
    ("C3900-SPE250/K9", "C3900E", "", "", "", None),
    ("ISR4332/K9", X86, "", "", "", None),
    ("ASR9K", "ASR9K", "", "6.5.3", "", None),
    ("C7009", "Nexus7000", "", "8.4(3)", "", None),
    ("", "C2960", "", "", "", None),
    ("", X86, "", "", "", None),
    ("", "", "", "", "", None),
]


@pytest.mark.parametrize(("pid", "family", "file", "version", "edition", "name"), DEVICES)
def test_a_device_is_recognised_by_what_it_says_of_itself(
    pid: str, family: str, file: str, version: str, edition: str, name: str | None
) -> None:
    facts = VersionFacts(family=family, pid=pid, image_file=file, version=version, edition=edition)
    found = PACKS.detect(facts)
    assert (found.name if found else None) == name


def test_every_pack_recognises_a_device_of_the_list_above() -> None:
    assert set(PACKS.names()) == {name for *_, name in DEVICES if name is not None}


@pytest.mark.parametrize(
    ("name", "version", "mode", "file", "device_class"),
    [
        ("c3850", "03.06.07E", "install", "", "XE3-INSTALL"),
        ("c3850", "03.06.07E", "bundle", "", "XE-BUNDLE"),
        ("c3850", "16.3.5b", "install", "", "XE-SUBPKG"),
        ("c3850", "16.06.01", "install", "", "XE-SUBPKG"),
        ("c3850", "16.06.10", "install", "", "XE16-INSTALL"),
        ("c3850", "16.12.11", "install", "", "XE16-INSTALL"),
        ("c9300", "16.05.01a", "install", "", "XE-SUBPKG"),
        ("c9300", "17.09.05", "install", "", "XE16-INSTALL"),
        ("c9300", "17.09.05", "bundle", "", "XE-BUNDLE"),
        ("c9600", "17.09.05", "unknown", "", "XE16-INSTALL"),
        ("asr1001-x", "17.03.05", "install", "", "XE16-INSTALL"),
        ("asr1001-x", "03.16.04b.S", "install", "", "XE-SUBPKG"),
        ("asr1001-x", "03.16.04b.S", "bundle", "", "XE-BUNDLE"),
        ("asr1001-x", "BLD_V1710", "install", "", "XE-BUNDLE"),
        ("isr4331", "16.06.04", "bundle", "", "XE-BUNDLE"),
        ("asr903", "03.18.09.S", "bundle", "", "XE-BUNDLE"),
        ("c2960", "15.0(2)SE9", "bundle", "c2960-lanbasek9-tar.150-2.SE11.tar", "IOS-TAR"),
        ("c2960", "15.0(2)SE9", "bundle", "c2960-lanbasek9-mz.150-2.SE11.bin", "IOS-BIN"),
        ("c3750x", "15.0(2)SE9", "bundle", "c3750e-universalk9-mz.152-4.E10.bin", "IOS-BIN"),
        ("c3750x", "15.0(2)SE9", "bundle", "c3750e-universalk9-tar.152-4.E10.tar", "IOS-TAR"),
    ],
)
def test_the_class_follows_what_runs_and_what_comes(
    name: str, version: str, mode: str, file: str, device_class: str
) -> None:
    pack = effective(PACKS.get(name), VersionFacts(os=OsKind.IOS_XE, version=version, mode=BootMode(mode)), file)
    assert pack.device_class == device_class
    assert pack.name == name


def test_a_variant_brings_its_own_install_commands() -> None:
    old = effective(PACKS.get("c3850"), VersionFacts(version="03.06.07E", mode=BootMode.INSTALL))
    assert old.install.one_step_major == "software install file {fs}{path} new force"
    assert old.upgrade_modes == ("install",)
    early = effective(PACKS.get("c3850"), VersionFacts(version="16.3.5b", mode=BootMode.INSTALL))
    assert early.install.one_step.startswith("request platform software package install switch all")
    bundle = effective(PACKS.get("c9300"), VersionFacts(version="17.09.05", mode=BootMode.BUNDLE))
    assert bundle.install.changing() == ()
    assert bundle.upgrade_modes == ("bundle",)


@pytest.mark.parametrize(
    ("name", "style"),
    [
        ("cat4500e-sup8", IssuStyle.SUPERVISORS),
        ("cat6800-sup2t", IssuStyle.VSS),
        ("asr1000-rp2", IssuStyle.ROUTE_PROCESSORS),
        ("asr903", IssuStyle.NODE),
    ],
)
def test_an_upgrade_in_service_makes_it_the_issu_class(name: str, style: IssuStyle) -> None:
    pack = effective(PACKS.get(name), VersionFacts(), issu=True)
    assert pack.device_class is DeviceClass.XE_ISSU
    assert pack.issu is not None
    assert pack.issu.style is style


def test_a_catalyst_9000_upgrades_in_service_by_its_own_install_command() -> None:
    pack = effective(PACKS.get("c9600"), VersionFacts(mode=BootMode.INSTALL), issu=True)
    assert pack.device_class is DeviceClass.XE16_INSTALL
    assert pack.issu is not None
    assert pack.issu.style is IssuStyle.INSTALL


def test_a_platform_without_issu_keeps_its_class_and_a_nexus_its_own() -> None:
    assert effective(PACKS.get("c9300"), VersionFacts(), issu=True).device_class is DeviceClass.XE16_INSTALL
    assert effective(PACKS.get("n9k"), VersionFacts(), issu=True).device_class is DeviceClass.NXOS


@pytest.mark.parametrize("pack", PACKS, ids=lambda p: p.name)
def test_commands_are_told_apart_by_what_they_do(pack: Pack) -> None:
    commands = commands_of(pack)
    reads = ("show ", "admin show ", "dir ", "verify ", "terminal ")
    assert all(c.startswith(reads) for c in commands.read_only), commands.read_only
    assert not any(c.startswith(reads) for c in commands.changing)
    assert not set(commands.read_only) & set(commands.changing)
    assert pack.reload_command in commands.changing
    assert not pack.save_command or pack.save_command in commands.changing
    assert not any(re.search(r"\b(?:format|erase|squeeze)\b", c) for c in commands.changing)
    assert "" not in (*commands.read_only, *commands.changing)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (
            "c2960",
            {"write memory", "configure terminal", "ip scp server enable", "archive download-sw /overwrite {url}"},
        ),
        ("c3850", {"install commit", "software commit", "install add file {fs}{path}", "reload"}),
        ("asr9k", {"admin install commit", "admin install activate id {id}", "admin reload location all"}),
        ("ncs5500", {"install commit", "install prepare id {id}", "reload"}),
        ("cisco8000", {"install replace {fs}{path}", "install apply reload", "install commit"}),
        ("n9k", {"install all nxos {fs}{path}", "boot nxos {fs}{path}", "feature scp-server", "reload"}),
        ("n7700-s2", {"install all kickstart {fs}{kickstart} system {fs}{path}", "boot kickstart {fs}{kickstart}"}),
        ("cat4500e-sup7", {"issu runversion {standby} {standby_fs}{path}", "issu abortversion {standby}"}),
        ("asr1000-rp2", {"hw-module slot R{active} reload", "issu loadversion rp {standby} file {standby_fs}{path}"}),
        ("c9400", {"install add file {fs}{path} activate issu commit", "install abort issu"}),
    ],
)
def test_the_commands_of_a_class_are_all_listed(name: str, expected: set[str]) -> None:
    assert expected <= set(commands_of(PACKS.get(name)).changing)


@pytest.mark.parametrize("pack", PACKS, ids=lambda p: p.name)
def test_a_pack_fits_its_class(pack: Pack) -> None:
    install = pack.install
    if pack.device_class in (DeviceClass.XR_32, DeviceClass.XR_64, DeviceClass.XR7):
        assert pack.netmiko_type == "cisco_xr"
        assert Support.COMMIT in pack.supports
        assert install.commit
        assert not pack.save_command
        assert not pack.copy.scp_on
        assert {"show platform", "show install active summary", "show install committed summary"} <= set(
            pack.read_commands
        )
    if pack.device_class is DeviceClass.XE16_INSTALL:
        assert (install.timer_min_minutes, install.timer_minutes, install.timer_max_minutes) == (30, 120, 1200)
        assert pack.space_factor_install >= 2
        assert "show install summary" in pack.read_commands
        assert any(v.device_class is DeviceClass.XE_BUNDLE for v in pack.variants)
    if pack.device_class is DeviceClass.NXOS:
        assert Support.COMMIT not in pack.supports
        assert pack.save_command.startswith("copy running-config")
        assert bool(pack.image_parts) is ("kickstart" in install.one_step)
        assert pack.copy.vrf == "management"
    assert pack.waits.expected_outage_s < pack.waits.reload_limit_s
    assert len(pack.recovery) >= 3
    assert bool(pack.issu) is (Support.ISSU in pack.supports)
