"""What image names say, over every shape of name."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from swim_tui.model.image import FieldOrigin, ImageFormat, ImageType
from swim_tui.model.imagename import identify_name, sort_key_natural

F = ImageFormat
NAMES = [
    # file, family, version, format, strong crypto
    ("c2960-lanbasek9-mz.150-2.SE11.bin", "C2960", "15.0(2)SE11", F.IOS_BIN, True),
    ("c2960-lanbase-mz.122-25.SEE3.bin", "C2960", "12.2(25)SEE3", F.IOS_BIN, False),
    ("c2960x-universalk9-mz.152-7.E10.bin", "C2960X", "15.2(7)E10", F.IOS_BIN, True),
    ("c2960x-universalk9-tar.152-7.E10.tar", "C2960X", "15.2(7)E10", F.IOS_TAR, True),
    ("c2960cx-universalk9-tar.152-7.E10.tar", "C2960CX", "15.2(7)E10", F.IOS_TAR, True),
    ("c3750e-ipbasek9-tar.150-2.SE6.tar", "C3750E", "15.0(2)SE6", F.IOS_TAR, True),
    ("c2975-lanbase-mz.122-46.EX.bin", "C2975", "12.2(46)EX", F.IOS_BIN, False),
    ("c2900-universalk9-mz.SPA.151-4.M4.bin", "C2900", "15.1(4)M4", F.IOS_BIN, True),
    ("c2900-universalk9_npe-mz.SPA.151-4.M4.bin", "C2900", "15.1(4)M4", F.IOS_BIN, False),
    ("c3900e-universalk9-mz.SPA.157-3.M8.bin", "C3900E", "15.7(3)M8", F.IOS_BIN, True),
    ("s72033-adventerprisek9_wan-mz.122-18.SXF7.bin", "s72033_rp", "12.2(18)SXF7", F.IOS_BIN, True),
    ("c880data-universalk9-mz.154-3.M5.bin", "C880DATA", "15.4(3)M5", F.IOS_BIN, True),
    ("asr1000rp1-adventerprisek9.03.13.05.S.154-3.S5-ext.SPA.bin", "PPC_LINUX_IOSD", "03.13.05.S", F.XE_BIN, True),
    ("asr1000rp1-adventerprisek9.03.10.02.S.153-3.S2-ext.bin", "PPC_LINUX_IOSD", "03.10.02.S", F.XE_BIN, True),
    ("asr1001x-universalk9.16.09.08.SPA.bin", "X86_64_LINUX_IOSD", "16.09.08", F.XE_BIN, True),
    ("asr1001x-universalk9_npe.03.16.04b.S.155-3.S4b-ext.SPA.bin", "X86_64_LINUX_IOSD", "03.16.04b.S", F.XE_BIN, False),
    ("isr4300-universalk9.03.16.04b.S.155-3.S4b-ext.SPA.bin", "X86_64_LINUX_IOSD", "03.16.04b.S", F.XE_BIN, True),
    ("isr4300-universalk9.16.06.04.SPA.bin", "X86_64_LINUX_IOSD", "16.06.04", F.XE_BIN, True),
    ("c8000be-universalk9.17.09.04a.SPA.bin", "X86_64_LINUX_IOSD", "17.09.04a", F.XE_BIN, True),
    ("C9800-L-universalk9_wlc.17.09.04a.SPA.bin", "C9800", "17.09.04a", F.XE_BIN, True),
    ("cat3k_caa-universalk9.SPA.03.06.06.E.152-2.E6.bin", "CAT3K_CAA", "03.06.06.E", F.XE_BIN, True),
    ("cat4500e-universalk9.SPA.03.06.06.E.152-2.E6.bin", "cat4500e", "03.06.06.E", F.XE_BIN, True),
    ("cat3k_caa-universalk9.16.06.02s.SPA.bin", "CAT3K_CAA", "16.06.02s", F.XE_BIN, True),
    ("cat9k_iosxe.17.09.05.SPA.bin", "CAT9K_IOSXE", "17.09.05", F.XE_BIN, True),
    ("cat9k_iosxe_npe.17.09.05.SPA.bin", "CAT9K_IOSXE", "17.09.05", F.XE_BIN, False),
    ("cat9k_lite_iosxe.17.09.06a.SPA.bin", "CAT9K_LITE_IOSXE", "17.09.06a", F.XE_BIN, True),
    ("ie9k_iosxe.17.09.02.SPA.bin", "IE9K_IOSXE", "17.09.02", F.XE_BIN, True),
    ("asr9k-mini-px.pie-6.1.4", "ASR9K", "6.1.4", F.XR_PIE, None),
    ("asr9k-mini-x64-6.5.3.iso", "ASR9K", "6.5.3", F.XR_ISO, None),
    ("ncs5500-mini-x-6.6.3.iso", "NCS5500", "6.6.3", F.XR_ISO, None),
    ("xrv9k-fullk9-x-25.2.2.iso", "XRV9K", "25.2.2", F.XR_ISO, True),
    ("8000-x64-7.9.2.iso", "8000", "7.9.2", F.XR_ISO, None),
    ("n7700-s2-dk9.8.4.3.bin", "Nexus7700", "8.4(3)", F.NXOS_BIN, True),
    ("nxos.9.3.10.bin", "Nexus9000", "9.3(10)", F.NXOS_BIN, True),
    ("nxos64-cs.10.2.3.F.bin", "Nexus9000", "10.2(3)F", F.NXOS_BIN, True),
    ("nxos64-cs.10.3.1.5.F.bin", "Nexus9000", "10.3(1.5)F", F.NXOS_BIN, True),
    ("n9000-dk9.6.1.2.I3.1.bin", "Nexus9000", "6.1(2)I3(1)", F.NXOS_BIN, True),
    ("n5000-uk9.7.3.8.N1.1.bin", "Nexus5000", "7.3(8)N1(1)", F.NXOS_BIN, True),
    ("n6000-uk9.7.3.8.N1.1.bin", "nexus6000", "7.3(8)N1(1)", F.NXOS_BIN, True),
    ("aci-n9000-dk9.13.1.2p.bin", "ACI", "13.1(2p)", F.NXOS_BIN, True),
    ("asr1000rpx86-universalk9.16.09.08.SPA.bin", "X86_64_LINUX_IOSD", "16.09.08", F.XE_BIN, True),
    ("isr4400v2-universalk9.17.03.05.SPA.bin", "X86_64_LINUX_IOSD", "17.03.05", F.XE_BIN, True),
    ("c1100-universalk9_ias.17.03.05.SPA.bin", "ARMV8EL_LINUX_IOSD", "17.03.05", F.XE_BIN, True),
    ("asr903rsp1-universalk9_npe.03.18.09.S.156-2.SP9-ext.bin", "ASR903", "03.18.09.S", F.XE_BIN, False),
    ("cat4500es8-universalk9.SPA.03.08.10.E.152-4.E10.bin", "cat4500es8", "03.08.10.E", F.XE_BIN, True),
    ("cat4500e-universalk9.SPA.03.04.06.SG.151-2.SG6.bin", "cat4500e", "03.04.06.SG", F.XE_BIN, True),
    ("c1841-ipbase-mz.124-25d.bin", "C1841", "12.4(25d)", F.IOS_BIN, False),
    ("asr9k-goldenk9-x64-6.5.3-site1.iso", "ASR9K", "6.5.3", F.XR_ISO, True),
    ("8000-golden-x86_64-7.9.2-site.iso", "8000", "7.9.2", F.XR_ISO, None),
    ("NCS5500-iosxr-k9-6.6.3.tar", "NCS5500", "6.6.3", F.XR_PIE, True),
    ("n7000-s2-dk9-npe.8.4.3.bin", "Nexus7000", "8.4(3)", F.NXOS_BIN, False),
    ("nxos64-msll.10.2.3.F.bin", "Nexus3000", "10.2(3)F", F.NXOS_BIN, True),
]

TYPES = [
    ("n7700-s2-kickstart.8.4.3.bin", ImageType.KICKSTART),
    ("n5000-uk9-kickstart.7.3.8.N1.1.bin", ImageType.KICKSTART),
    ("cat9k_iosxe.17.06.03.CSCwa85257.SPA.smu.bin", ImageType.SMU),
    ("asr9k-px-5.3.3.CSCuy81837.pie", ImageType.SMU),
    ("asr9k-px-5.3.3.CSCuy81837.tar", ImageType.SMU),
    ("ncs5500-mgbl-3.0.0.0-r653.CSCvp12345.x86_64.rpm", ImageType.SMU),
    ("ncs5500-mgbl-3.0.0.0-r663.x86_64.rpm", ImageType.PACKAGE),
    ("asr9k-mgbl-px.pie-6.1.4", ImageType.PACKAGE),
    ("asr9k-k9sec-px.pie-6.1.4", ImageType.PACKAGE),
    ("hfr-mini-px.pie-6.1.4", ImageType.SYSTEM_SW),
    ("cat9k-rpbase.17.09.05.SPA.pkg", ImageType.PACKAGE),
    ("packages.conf", ImageType.PACKAGE),
    ("flash:packages.conf", ImageType.PACKAGE),
    ("ASR9K-iosxr-px-k9-6.1.4.tar", ImageType.SYSTEM_SW),
    ("ASR9K-x64-iosxr-px-k9-6.5.3.tar", ImageType.SYSTEM_SW),
    ("C9800-L-universalk9_wlc.17.09.04a.CSCwd80290.SPA.apsp.bin", ImageType.SMU),
    ("asr9k-px-6.4.2.sp3.tar", ImageType.SMU),
    ("asr9k-9000v-nV-px.pie-5.3.3", ImageType.PACKAGE),
    ("cat3k_caa-base.SPA.03.06.06E.pkg", ImageType.PACKAGE),
    ("asr1000rp1-rpbase.03.13.05.S.154-3.S5-ext.pkg", ImageType.PACKAGE),
    ("xr-bgp-7.9.2v1.0.0-1.x86_64.rpm", ImageType.PACKAGE),
    ("nxos.CSCvq12345-n9k_ALL-1.0.0-9.3.3.lib32_n9000.rpm", ImageType.SMU),
    ("packages.conf.00-", ImageType.PACKAGE),
    ("cat9k_iosxe.17.09.05.SPA.conf", ImageType.PACKAGE),
    ("aci-apic-dk9.5.2.7f.iso", ImageType.SYSTEM_SW),
]

UNKNOWN = [
    "",
    "startup-config",
    "vlan.dat",
    "BLD_V173_THROTTLE_LATEST_20200517_SSA.bin",
    "n9000-epld.9.3.10.img",
    "asa9-16-4-smp-k8.bin",
    "c2960-lanbasek9-mz.150-2.SE11",
    "my image.bin",
    "my settings.conf",
    "cat9k_iosxe.17.06.03.CSCwa85257.SPA.smu.conf",
    "x" * 400 + ".bin",
]


@pytest.mark.parametrize(("name", "family", "version", "form", "crypto"), NAMES)
def test_a_name_tells_family_version_format_and_crypto(
    name: str, family: str, version: str, form: ImageFormat, crypto: bool | None
) -> None:
    said = identify_name(name)
    assert said.recognised
    assert (said.family, said.format, said.has_strong_crypto) == (family, form, crypto)
    assert said.version == version
    assert said.image_type is ImageType.SYSTEM_SW
    assert said.origins["version"] is FieldOrigin.NAME


@pytest.mark.parametrize(("name", "kind"), TYPES)
def test_a_name_tells_the_image_type(name: str, kind: ImageType) -> None:
    said = identify_name(name)
    assert said.recognised
    assert said.image_type is kind


@pytest.mark.parametrize("name", UNKNOWN)
def test_a_name_that_says_nothing_is_not_recognised(name: str) -> None:
    said = identify_name(name)
    assert not said.recognised
    assert said.family == ""


def test_an_xe_3_name_carries_the_ios_version_too() -> None:
    said = identify_name("asr1000rp1-adventerprisek9.03.13.05.S.154-3.S5-ext.SPA.bin")
    assert said.ios_version == "15.4(3)S5"
    assert said.feature_set == "ADVENTERPRISEK9"
    assert said.image_name == "PPC_LINUX_IOSD-ADVENTERPRISEK9-M"


def test_a_path_before_the_name_does_not_matter() -> None:
    assert identify_name("bootflash:/images/isr4300-universalk9.16.06.04.SPA.bin").version == "16.06.04"


def test_natural_order_puts_ten_after_nine() -> None:
    names = ["sw10", "sw9", "SW1", "sw²"]
    assert sorted(names, key=sort_key_natural) == ["SW1", "sw9", "sw10", "sw²"]


@given(st.text())
def test_any_name_is_taken_without_an_exception(name: str) -> None:
    identify_name(name)
    sort_key_natural(name)
