"""Answers of install, ISSU, chassis and Nexus commands, written for these tests."""

_LEGEND = """\
State (St): I - Inactive, U - Activated & Uncommitted,
            C - Activated & Committed, D - Deactivated & Uncommitted
--------------------------------------------------------------------------------
Type  St   Filename/Version
--------------------------------------------------------------------------------
"""
_RULE = "-" * 80 + "\n"

SUMMARY_COMMITTED = (
    "[ R0 ] Installed Package(s) Information:\n"
    + _LEGEND
    + "IMG   C    17.06.03.0.3629\n"
    + _RULE
    + "Auto abort timer: inactive\n"
    + _RULE
)
SUMMARY_PENDING = (
    "[ Switch 1 2 ] Installed Package(s) Information:\n"
    + _LEGEND
    + "IMG   U    17.09.05.0.6450\n"
    + "SMU   U    flash:cat9k_iosxe.17.09.05.CSCwa11111.SPA.smu.bin\n"
    + "IMG   I    17.06.03.0.3629\n"
    + _RULE
    + "Auto abort timer: active on install_activate, time before rollback - 01:49:42\n"
    + _RULE
)
SUMMARY_SPLIT = (
    "[ Switch 1 2 ] Installed Package(s) Information:\n"
    + _LEGEND
    + "IMG   C    17.09.05.0.6450\n\n"
    + "[ Switch 3 ] Installed Package(s) Information:\n"
    + _LEGEND
    + "IMG   C    17.06.03.0.3629\n"
    + _RULE
)
INACTIVE_NONE = "[ Switch 1 ] Inactive Package(s) Information:\n" + _LEGEND + "No Inactive Packages\n"
ROLLBACK = """\
ID      Label                            Description
-------------------------------------------------------
3       before_17_9                      quarterly upgrade
2       No Label                         No Description
"""
ROLLBACK_ID = (
    "Rollback id - 3 (Created on Wed Nov 18 07:51:18 UTC 2026)\nLabel: before_17_9\nDescription: No Description\n"
    "Reload required: YES\n" + _LEGEND + "IMG   C    17.06.03.0.3629\n"
)
LOG = """\
[0|install_op_boot]: START Tue Nov  3 04:03:13 UTC 2026
[0|install_op_boot]: END SUCCESS  Tue Nov  3 04:03:31 UTC 2026
[1|install_add]: START Tue Nov  3 05:00:00 UTC 2026
[1|install_add]: END FAILED  Tue Nov  3 05:02:00 UTC 2026
[2|install_activate]: START Tue Nov  3 06:00:00 UTC 2026
"""
VERSION_RUNNING = """\
Package: Provisioning File, version: n/a, status: active
  Role: provisioning file
  File: /flash/packages.conf, on: RP0
  Built: n/a, by: n/a
  File SHA1 checksum: 6a2ebca13ef3d3f5cd8a4f4a3a2d1ae0b6f3f9c1

Package: rpbase, version: 17.09.05, status: active
  File: /flash/cat9k-rpbase.17.09.05.SPA.pkg, on: RP0
"""
VERSION_BUNDLE = """\
Package: Provisioning File, version: n/a, status: active
  File: consolidated:packages.conf, on: RP0
"""
PACKAGES_CONF = """\
#! /usr/binos/bin/packages_conf.sh
sha1sum: 0ca41f7c7d1bd9f7f37b8b0b4d8a7f1f1a2b3c4d
# pkginfo: Name: rp_super
# pkginfo: Build: 17.09.05
boot  rp 0 0   rp_boot       cat9k-rpboot.17.09.05.SPA.pkg
iso   rp 0 0   rp_base       cat9k-rpbase.17.09.05.SPA.pkg
iso   rp 1 0   rp_base       cat9k-rpbase.17.09.05.SPA.pkg
"""
MEMBER_TIMERS = """\
Switch#  Status     Duration
1        active     00:31:28
2        inactive   -
"""

ISSU_SLOTS = """\
                 Slot = 1
             RP State = Active
           ISSU State = Load Version
        Boot Variable = bootflash:old.bin,1;
       Operating Mode = sso
      Primary Version = bootflash:new.bin
    Secondary Version = bootflash:old.bin
      Current Version = bootflash:old.bin
       Variable Store = PrstVbl

                 Slot = 2
             RP State = Standby
           ISSU State = Load Version
       Operating Mode = sso
      Primary Version = N/A
      Current Version = bootflash:new.bin
"""
ISSU_SLOTS_NEW = """\
                               Slot = 11
                           RP State = Standby
                         ISSU State = Run Version
                     Operating Mode = Stateful Switchover
                      Current Image = bootflash:old.bin
          Pre-ISSU (Original) Image = bootflash:old.bin
         Post-ISSU (Targeted) Image = bootflash:new.bin
"""
ISSU_OPERATION = """\
--- Starting local lock acquisition on R1 ---
Finished local lock acquisition on R1

Slot being modified: R1
  Loadversion time: 20261103 19:13:51 on vty 0
  Last operation: runversion
  Rollback: automatic, remaining time before rollback: 00:24:26
  Original (rollback) image: harddisk:old.bin
  Running image: harddisk:new.bin
  Operating mode: sso, terminal state not reached
  Notes: runversion executed, active RP is being provisioned
"""
ISSU_CHECKS = """\
--- Starting local lock acquisition on R0 ---
Finished local lock acquisition on R0

Current ISSU Status: Enabled
Previous ISSU Operation: N/A
=======================================================
System Check                        Status
-------------------------------------------------------
Platform ISSU Support               Yes
Standby Online                      No
Autoboot Enabled                    Yes
SSO Mode                            No
Install Boot                        Yes
Valid Boot Media                    Yes
Operational Mode                    HA-STANDALONE
=======================================================
No ISSU operation is in progress
"""
ISSU_TIMER = """\
        Rollback Process State = In progress
      Configured Rollback Time = 60:00
       Automatic Rollback Time = 00:12:05
"""

XR32_ACTIVE = """\
Tue Nov  3 10:43:11.576 UTC
Default Profile:
  SDRs:
    Owner
  Active Packages:
    disk0:asr9k-mini-px-6.1.4
    disk0:asr9k-mgbl-px-6.1.4
    disk0:asr9k-px-6.1.4.CSCuy81837-1.0.0
"""
XR32_COMMITTED = XR32_ACTIVE.replace("Active", "Committed").replace("6.1.4\n", "5.3.3\n")
XR64_ACTIVE = """\
Node 0/RP0/CPU0 [RP]
  Boot Partition: xr_lv0
  Active Packages: 2
        ncs5500-xr-6.6.3 version=6.6.3 [Boot image]
        ncs5500-mgbl-3.0.0.0-r663

Node 0/0/CPU0 [LC]
  Boot Partition: xr_lv0
  Active Packages: 1
        ncs5500-xr-6.6.3 version=6.6.3 [Boot image]
"""
XR7_ACTIVE = """\
Active Packages:    XR: 201    All: 1532
Label:              7.10.2-site-a
Software Hash:      454175afbe3ad586c3b39a79db238b53844fe794723ea99fa00ac1acd5442359

Optional Packages                                                        Version
---------------------------------------------------- ---------------------------
xr-bgp                                                            7.10.2v1.0.0-1
xr-k9sec                                                          7.10.2v1.0.0-1

Active Fixes (count: 1):
  CSCwh02785: xr-fib
"""
XR7_COMMITTED = XR7_ACTIVE.replace("Active", "Committed")
REQUEST_32 = """\
Install operation 888 '(admin) install add source disk0:/ x.pie asynchronous' started by user 'admin' via CLI at 10:43
UTC Tue Nov 03 2026.
The operation is 30% complete
The operation can still be aborted.
"""
REQUEST_64 = "The install activate operation 13 is 60% complete\n"
REQUEST_XR7 = "User request: install commit\nOperation ID: 3.1\nState:        Success since 2026-11-03 10:00:00\n"
XR_LOG = """\
Nov 03 18:54:12 Install operation 12 started by root:
  install add source harddisk: a.rpm
Nov 03 18:58:49 Install operation 12 finished successfully
Nov 03 19:00:00 Install operation 13 started by root:
Nov 03 19:05:00 Install operation 13 aborted
Nov 03 19:06:00 Install operation 14 started by root:
RP/0/RSP0/CPU0:ios#Install operation 15 completed successfully at 11:00:22 UTC Tue Nov 03 2026.
"""
XR_PLATFORM = """\
Tue Nov  3 17:30:57.372 CET
Node              Type                       State             Config state
--------------------------------------------------------------------------------
0/RSP0/CPU0       A9K-RSP440-TR(Active)      IOS XR RUN        PWR,NSHUT,MON
0/RSP1/CPU0       A9K-RSP440-TR(Standby)     IN-RESET          PWR,NSHUT,MON
0/FT0/SP          FAN TRAY                   READY
0/0/CPU0          A9K-MOD80-SE               MBI-RUNNING       PWR,NSHUT,MON
0/0/1             A9K-MPA-4X10GE             OK                PWR,NSHUT,MON
0/PS0/M0/SP       PWR-3KW-AC-V2              SOMETHING NEW     PWR,NSHUT,MON
"""
XR_PAIRS = """\
Active/Primary   Standby/Backup
--------------   --------------
0/RSP0/CPU0(A)   0/RSP1/CPU0(S) (Node Ready, NSR: Ready)
0/RSP0/CPU0(P)   0/RSP1/CPU0(B) (Proc Group Not Ready, NSR: Not Configured)
0/RSP0/CPU0(P)           N/A    (Proc Group Not Ready)
"""
FPD_64 = """\
Auto-upgrade:Disabled
                                                                FPD Versions
                                                                =================
Location   Card type        HWver FPD device       ATR Status   Running Programd
------------------------------------------------------------------------------
0/RP0      NC55-RP          1.1   Bootloader           CURRENT    9.31     9.31
0/RP0/CPU0 NC55-RP          1.1   BIOS-Golden      BS  NEED UPGD  1.90
0/0        NC55-36X100G     1.0   MIFPGA               RLOAD REQ  0.08     0.09
"""
FPD_32 = """\
===================================== ==========================================
                                      Existing Field Programmable Devices
                                      ==========================================
                                        HW                       Current SW Upg/
Location     Card Type                Version Type Subtype Inst   Version   Dng?
============ ======================== ======= ==== ======= ==== =========== ====
0/RSP0/CPU0  A9K-RSP440-TR              1.0   lc   fpga3   0       1.14     Yes
                                              lc   cbc     0      16.116    No
--------------------------------------------------------------------------------
NOTES: 1. Upg/Dng? tells whether the FPD needs an upgrade
"""
FAILED_CONFIG = """\
Tue Nov  3 10:43:11.576 UTC
!! SYNTAX/AUTHORIZATION ERRORS: This configuration failed due to
!! one or more of the following reasons:
!!  - the entered commands do not exist,

router something
 old-command 5
!
end
"""

IMPACT = """\
Installer will perform compatibility check first. Please wait.

Verifying image bootflash:/nxos.9.3.10.bin for boot variable "nxos".
[####################] 100% -- SUCCESS

Compatibility check is done:
Module  bootable          Impact  Install-type  Reason
------  --------  --------------  ------------  ------
     1       yes      disruptive         reset  default upgrade is not hitless
    27       yes  non-disruptive          none

Images will be upgraded according to following table:
Module       Image                  Running-Version(pri:alt)           New-Version  Upg-Required
------  ----------  ----------------------------------------  --------------------  ------------
     1        nxos                                    9.3(7)               9.3(10)           yes
     1        bios     v07.68(05/26/2020):v07.59(08/26/2016)    v07.69(04/07/2021)            no
"""
IMPACT_FAILED = """\
Verifying image bootflash:/nxos.9.3.7.bin for boot variable "nxos".
[#####               ]  25% -- FAIL.
Return code 0x40930011 (the image is not good).
Pre-upgrade check failed. Return code 0x40930011 (the image is not good).
"""
STATUS_DONE = (
    "This is the log of last installation.\n<Tue Nov  3 02:55:56>\n Performing runtime checks.\n -- SUCCESS\n"
    "Install has been successful.\n"
)
STATUS_RUNNING = (
    "This is the log of last installation.\n<Tue Nov  3 02:55:56>\nContinuing with installation process, please wait.\n"
    "The login will be disabled until the installation is completed.\n"
)
STATUS_REBOOT = (
    "<Tue Nov  3 02:59:17>\n Setting boot variables.\n -- SUCCESS\n"
    "Finishing the upgrade, switch will reboot in 10 seconds.\n"
)
STATUS_FAILED = IMPACT_FAILED + "Install has failed. Return code 0x40930011 (the image is not good).\n"
MODULES = """\
Mod Ports             Module-Type                      Model           Status
--- ----- ------------------------------------- --------------------- ---------
1    36   36x40/100G Ethernet Module            N9K-X9736C-FX         ok
2    36   36x40G Ethernet Module                                      pwr-denied
27   0    Supervisor Module                     N9K-SUP-A+            active *
28   0    Supervisor Module                     N9K-SUP-A+            ha-standby

Mod  Sw                       Hw    Slot
---  ----------------------- ------ ----
1    10.2(3)                  1.1    LC1
27   10.2(3)                  1.1    SUP1
28   NA                       1.1    SUP2

Mod  MAC-Address(es)                         Serial-Num
---  --------------------------------------  ----------
1    90-77-ee-ff-2d-b0 to 90-77-ee-ff-2e-43  FOC24294DJ8
"""
MODULES_CATALYST = """\
Chassis Type: C9410R

Mod Ports Card Type                                   Model          Serial No.
---+-----+--------------------------------------+--------------+--------------
1   48   48-Port UPOE 10/100/1000 (RJ-45)            C9400-LC-48U     JAD235008KN
5   13   Supervisor 1 XL Module with 25G             C9400-SUP-1XL-Y  JAD241502CM
7    0   Blank                                       C9400-BLANK      N/A

Mod MAC addresses                    Hw   Fw           Sw                 Status
---+--------------------------------+----+------------+------------------+--------
1   7C31.0EAF.62B4 to 7C31.0EAF.62E3 1.1                                  ok
5   502F.A8C9.D3AC to 502F.A8C9.D3B8 1.0  17.8.1r[FC1]  17.06.03           faulty
"""
VPC = """\
vPC domain id                     : 10
Peer status                       : peer adjacency formed ok
vPC keep-alive status             : peer is alive
Configuration consistency status  : success
vPC role                          : secondary, operational primary
"""
INCOMPATIBLE = """\
Checking incompatible configuration(s):
---------------------------------------
The following configurations on active are incompatible with the system image
1) Service : otm , Capability : CAP_FEATURE_OTM_DELAY
Description : Objects with a delay are configured
Capability requirement : STRICT
Enable/Disable command : Remove the delay from all objects

Checking dynamic incompatibilities:
-----------------------------------
No incompatible configurations
"""
COMPATIBLE = "Checking incompatible configuration(s):\n---------------\nNo incompatible configurations\n"
BOOT_NXOS_PAIR = """\
Current Boot Variables:

sup-1
NXOS variable = bootflash:/nxos.9.3.7.bin
sup-2
NXOS variable = bootflash:/nxos.9.3.7.bin
No module boot variable set

Boot Variables on next reload:

sup-1
NXOS variable = bootflash:/nxos.9.3.10.bin
sup-2
NXOS variable = bootflash:/nxos.9.3.7.bin
No module boot variable set
"""
DIR_REMOTE = """\
 1981867008    Jan 31 16:57:56 2026  nxos.10.1.2.bin

Usage for bootflash://sup-remote
 8449792000 bytes used
 44848728000 bytes free
 53298520000 bytes total
"""
DIR_STANDBY = """\
Directory of stby-bootflash:/

   12  -rw-        379404288   Mar 4 2024 11:36:36 +00:00  new.bin

7451738112 bytes total (6912004096 bytes free)
"""
FILE_SYSTEMS_PAIR = """\
File Systems:

       Size(b)       Free(b)      Type  Flags  Prefixes
*  11353194496    4835155968      disk     rw   bootflash: flash:
   11353194496    4735155968      disk     rw   stby-bootflash: stby-flash:
   11353980928    3943694336      disk     rw   flash-2:
             -             -    opaque     ro   system:
    1940303872    1000000000      disk     rw   slavebootflash:
    1940303872    1000000000      disk     rw   bootflash-2-0:
"""
