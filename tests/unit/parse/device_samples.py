"""Answers as devices print them, written for these tests."""

ASR1002 = """\
Cisco IOS XE Software, Version 03.13.05.S - Extended Support Release
Cisco IOS Software, ASR1000 Software (PPC_LINUX_IOSD-ADVENTERPRISEK9-M), Version 15.4(3)S5, RELEASE SOFTWARE (fc1)
Technical Support: http://www.cisco.com/techsupport
Copyright (c) 1986-2016 by Cisco Systems, Inc.
Compiled Thu 25-Feb-16 02:11 by builder

ROM: IOS-XE ROMMON

edge-1 uptime is 3 weeks, 2 days, 4 hours, 51 minutes
Uptime for this control processor is 3 weeks, 2 days, 4 hours, 53 minutes
System returned to ROM by reload at 21:50:02 UTC Fri Oct 9 2026
System restarted at 21:57:31 UTC Fri Oct 9 2026
System image file is "bootflash:/asr1000rp1-adventerprisek9.03.13.05.S.154-3.S5-ext.SPA.bin"
Last reload reason: Reload Command

License Level: adventerprise

cisco ASR1002 (2RU) processor with 1694771K/6147K bytes of memory.
Processor board ID FOX1445G00A
4 Gigabit Ethernet interfaces
32768K bytes of non-volatile configuration memory.
4194304K bytes of physical memory.
7798783K bytes of eUSB flash at bootflash:.
39004543K bytes of SATA hard disk at harddisk:.

Configuration register is 0x2102 (will be 0x2142 at next reload)

"""

ISR4331 = """\
Cisco IOS XE Software, Version 16.06.04
Cisco IOS Software [Everest], ISR Software (X86_64_LINUX_IOSD-UNIVERSALK9-M), Version 16.6.4, RELEASE SOFTWARE (fc3)
Technical Support: http://www.cisco.com/techsupport

ROM: IOS-XE ROMMON

branch-7 uptime is 1 year, 51 weeks, 2 days, 41 minutes
Uptime for this control processor is 1 year, 51 weeks, 2 days, 42 minutes
System returned to ROM by power-on
System restarted at 11:02:03 CET Mon Nov 25 2024
System image file is "bootflash:isr4300-universalk9.16.06.04.SPA.bin"
Last reload reason: PowerOn

cisco ISR4331/K9 (1RU) processor with 1795979K/6147K bytes of memory.
Processor board ID FDO2111A0BC
3 Gigabit Ethernet interfaces
32768K bytes of non-volatile configuration memory.
4194304K bytes of physical memory.
3207167K bytes of flash memory at bootflash:.
0K bytes of WebUI ODM Files at webui:.

Configuration register is 0x2102
"""

C2960 = """\
Cisco IOS Software, C2960 Software (C2960-LANBASEK9-M), Version 15.0(2)SE9, RELEASE SOFTWARE (fc1)
Technical Support: http://www.cisco.com/techsupport
Copyright (c) 1986-2015 by Cisco Systems, Inc.

ROM: Bootstrap program is C2960 boot loader
BOOTLDR: C2960 Boot Loader (C2960-HBOOT-M) Version 12.2(53r)SEY4, RELEASE SOFTWARE (fc1)

acc-sw1 uptime is 12 weeks, 17 minutes
System returned to ROM by power-on
System restarted at 08:00:11 UTC Mon Aug 31 2026
System image file is "flash:/c2960-lanbasek9-mz.150-2.SE9.bin"

cisco WS-C2960-24TT-L (PowerPC405) processor (revision B0) with 65536K bytes of memory.
Processor board ID FOC1111X2YZ
Last reset from power-on
24 FastEthernet interfaces
The password-recovery mechanism is enabled.

64K bytes of flash-simulated non-volatile configuration memory.
Base ethernet MAC Address       : 00:1B:54:00:10:80
Model number                    : WS-C2960-24TT-L
System serial number            : FOC1111X2YZ
Hardware Board Revision Number  : 0x01


Switch Ports Model              SW Version            SW Image
------ ----- -----              ----------            ----------
*    1 26    WS-C2960-24TT-L    15.0(2)SE9            C2960-LANBASEK9-M


Configuration register is 0xF
"""

C2960X_STACK = """\
Cisco IOS Software, C2960X Software (C2960X-UNIVERSALK9-M), Version 15.2(7)E7, RELEASE SOFTWARE (fc3)

ROM: Bootstrap program is C2960X boot loader
BOOTLDR: C2960X Boot Loader (C2960X-HBOOT-M) Version 15.2(3r)E1, RELEASE SOFTWARE (fc1)

floor2 uptime is 5 days, 1 hour, 0 minutes
System returned to ROM by Reload command
System image file is "flash:/c2960x-universalk9-mz.152-7.E7/c2960x-universalk9-mz.152-7.E7.bin"

cisco WS-C2960X-48FPD-L (APM86XXX) processor (revision A0) with 524288K bytes of memory.
Processor board ID FOC1900A001
512K bytes of flash-simulated non-volatile configuration memory.
Model number                    : WS-C2960X-48FPD-L
System serial number            : FOC1900A001

Switch Ports Model                     SW Version            SW Image
------ ----- -----                     ----------            ----------
     1 52    WS-C2960X-48FPD-L         15.2(7)E7             C2960X-UNIVERSALK9-M
*    2 52    WS-C2960X-48FPD-L         15.2(7)E7             C2960X-UNIVERSALK9-M

Switch 01
---------
Switch Uptime                   : 5 days, 1 hour, 2 minutes
Model number                    : WS-C2960X-48FPD-L
System serial number            : FOC1900B002

Configuration register is 0xF
"""

C2911 = """\
Cisco IOS Software, C2900 Software (C2900-UNIVERSALK9-M), Version 15.1(4)M4, RELEASE SOFTWARE (fc1)

ROM: System Bootstrap, Version 15.0(1r)M16, RELEASE SOFTWARE (fc1)

wan-3 uptime is 0 minutes
System returned to ROM by reload at 01:00:00 UTC Tue Nov 3 2026
System restarted at 01:03:44 UTC Tue Nov 3 2026
System image file is "flash0:c2900-universalk9-mz.SPA.151-4.M4.bin"
Last reload type: Normal Reload
Last reload reason: Reload Command

Cisco CISCO2911/K9 (revision 1.0) with 483328K/40960K bytes of memory.
Processor board ID FTX1540A0AA
3 Gigabit Ethernet interfaces
DRAM configuration is 64 bits wide with parity enabled.
255K bytes of non-volatile configuration memory.
255488K bytes of ATA System CompactFlash 0 (Read/Write)

Configuration register is 0x2102
"""

C3850 = (
    "Cisco IOS Software, IOS-XE Software, Catalyst L3 Switch Software (CAT3K_CAA-UNIVERSALK9-M), "
    "Version 03.06.07E RELEASE SOFTWARE (fc3)"
    """

ROM: IOS-XE ROMMON
BOOTLDR: CAT3K_CAA Boot Loader (CAT3K_CAA-HBOOT-M) Version 1.2, RELEASE SOFTWARE (P)

core-2 uptime is 2 years, 3 days, 6 hours, 7 minutes
System returned to ROM by reload
System image file is "flash:packages.conf"
Last reload reason: Reload command

cisco WS-C3850-24P (MIPS) processor (revision N0) with 4194304K bytes of physical memory.
Processor board ID FOC1700X0AA
2048K bytes of non-volatile configuration memory.
4194304K bytes of physical memory.
250456K bytes of Crash Files at crashinfo:.
1609272K bytes of Flash at flash:.

Switch Ports Model              SW Version        SW Image              Mode
------ ----- -----              ----------        ----------            ----
*    1 32    WS-C3850-24P       03.06.07E         cat3k_caa-universalk9 INSTALL
     2 32    WS-C3850-24P       03.06.05E         cat3k_caa-universalk9 INSTALL

Configuration register is 0x102
"""
)

N9K = """\
Cisco Nexus Operating System (NX-OS) Software
TAC support: http://www.cisco.com/tac

Software
  BIOS: version 07.69
 NXOS: version 9.3(10)
  NXOS image file is: bootflash:///nxos.9.3.10.bin
  NXOS compile time:  6/20/2022 12:00:00 [06/20/2022 19:13:23]

Hardware
  cisco Nexus9000 C93180YC-EX chassis
  Intel(R) Xeon(R) CPU  @ 1.80GHz with 24632256 kB of memory.
  Processor Board ID FDO21510ABC

  Device name: leaf-11
  bootflash:   53298520 kB
Kernel uptime is 49 day(s), 10 hour(s), 45 minute(s), 34 second(s)

Last reset at 120733 usecs after Sun Oct  4 10:00:00 2026
  Reason: Reset Requested by CLI command reload
  System version: 9.3(10)
"""

XR32 = """\
Tue Nov  3 10:43:11.576 UTC

Cisco IOS XR Software, Version 6.1.4[Default]
Copyright (c) 2017 by Cisco Systems, Inc.

ROM: System Bootstrap, Version 0.75(c) 1994-2012 by Cisco Systems,  Inc.

pe-1 uptime is 5 hours, 14 minutes
System image file is "disk0:asr9k-os-mbi-6.1.4/0x100305/mbiasr9k-rsp3.vm"

cisco ASR9K Series (Intel 686 F6M14S4) processor with 6291456K bytes of memory.
Intel 686 F6M14S4 processor at 2134MHz, Revision 2.174
ASR 9006 4 Line Card Slot Chassis with V2 AC PEM

503k bytes of non-volatile configuration memory.
12510192k bytes of disk0: (Sector size 512 bytes).

Configuration register on node 0/RSP0/CPU0 is 0x1922
"""

XR7 = """\
Cisco IOS XR Software, Version 7.9.2 LNT
Copyright (c) 2013-2023 by Cisco Systems, Inc.

Build Information:
 Built By     : builder
 Version      : 7.9.2
 Label        : 7.9.2

cisco 8000 (VXR)
cisco 8201-32FH (VXR) processor with 32GB of memory
spine-1 uptime is 2 days, 3 hours, 4 minutes
Cisco 8201-32FH 1RU Chassis
"""

DIR_BOOTFLASH = """\
Directory of bootflash:/

   11  drwx            16384  Nov 25 2020 19:32:53 +00:00  lost+found
   12  -rw-        379404288   Mar 4 2024 11:36:36 +00:00  asr1000rp1-adventerprisek9.03.13.05.S.154-3.S5-ext.SPA.bin
   13  -rw-                0        <no date>  empty file
   14  -rw-               35  Apr 10 2024 09:11:45 -07:00  pnp-tech-time

7451738112 bytes total (6912004096 bytes free)
"""

DIR_MISSING = """\
Directory of flash:/new.bin

%Error opening flash:/new.bin (No such file or directory)
"""

DIR_RECURSIVE = """\
Directory of flash:/*

    2  -rwx        1048   Mar 1 1993 00:01:21 +00:00  multiple-fs
    3  drwx         512   Mar 1 1993 00:12:03 +00:00  c2960-lanbasek9-mz.150-2.SE9

Directory of flash:/c2960-lanbasek9-mz.150-2.SE9/*

    4  -rwx    11792000   Mar 1 1993 00:13:54 +00:00  c2960-lanbasek9-mz.150-2.SE9.bin
    5  -rwx         608   Mar 1 1993 00:14:00 +00:00  info

32514048 bytes total (18013184 bytes free)
"""

DIR_NXOS = """\
       4096    Apr 20 10:23:05 2026  .patch/
 1981867008    Jan 31 16:57:56 2026  nxos.10.1.2.bin

Usage for bootflash://sup-local
 8449792000 bytes used
 44848728000 bytes free
 53298520000 bytes total
"""

DIR_XR64 = """\
Directory of harddisk:
   32 -rw-r--r--. 1   824 Mar  7 06:29 cvac.log
   41 -rw-r--r-- 1 477999627 Mar 12  2026 asr9k-mini-x64-6.5.3.iso
    8 drwxr-xr-x 2  4096 Mar  7 14:27 kim

1012660 kbytes total (939092 kbytes free)
"""

FILE_SYSTEMS = """\
File Systems:

       Size(b)       Free(b)      Type  Flags  Prefixes
             -             -    opaque     rw   system:
             -             -    opaque     rw   tmpsys:
*  11353194496    4835155968      disk     rw   flash: bootflash: flash-1:
   11353980928    3943694336      disk     rw   flash-2: stby-flash:
    3940040704    3790381056      disk     ro   webui:
       2097152       2056462     nvram     rw   nvram:
             -             -   network     rw   tftp:
"""

FILE_SYSTEMS_G2 = """\
File Systems:

       Size(b)       Free(b)      Type  Flags  Prefixes
             -             -    opaque     rw   archive:
*    256487424     108711936      disk     rw   flash0: flash:#
     512065536     512065536      disk     rw   flash1:
        262136        250103     nvram     rw   nvram:
"""

BOOT_SWITCH = """\
BOOT path-list      : flash:/c2960x-universalk9-mz.152-7.E7.bin;flash:/old.bin
Config file         : flash:/config.text
Private Config file : flash:/private-config.text
Enable Break        : yes
Manual Boot         : no
Allow Dev Key         : yes
HELPER path-list    :
Auto upgrade        : yes
Timeout for Config
          Download:    0 seconds
-------------------
Switch 2
-------------------
BOOT path-list      : flash:/old.bin
Config file         : flash:/config.text
Manual Boot         : yes
"""

BOOT_STACK = """\
---------------------------
Switch 1
---------------------------
Current Boot Variables:
BOOT variable = flash:packages.conf;

Boot Variables on next reload:
BOOT variable = flash:cat3k_caa-universalk9.16.09.08.SPA.bin;flash:packages.conf;
Manual Boot = no
Enable Break = yes
Boot Mode = DEVICE
iPXE Timeout = 0
---------------------------
Switch 2
---------------------------
Current Boot Variables:
BOOT variable does not exist

Boot Variables on next reload:
BOOT variable = flash:packages.conf;
Manual Boot = yes
"""

BOOT_CHASSIS = """\
BOOT variable = bootflash:packages.conf;
Configuration Register is 0x102
MANUAL_BOOT variable = no
BAUD variable = 9600
ENABLE_BREAK variable does not exist
CONFIG_FILE variable =
Standby BOOT variable = bootflash:other.bin;
Standby Configuration Register is 0x102
Standby MANUAL_BOOT variable = yes
"""

BOOT_ROUTER = """\
BOOT variable = bootflash:/new.bin,12;bootflash:/old.bin,12;
CONFIG_FILE variable =
BOOTLDR variable does not exist
Configuration register is 0x2142  (will be 0x2102 at next reload)

Standby not ready to show bootvar
"""

BOOT_NXOS = """\
Current Boot Variables:

sup-1
kickstart variable = bootflash:/n7700-s2-kickstart.8.4.3.bin
system variable = bootflash:/n7700-s2-dk9.8.4.3.bin
Boot POAP Disabled
No module boot variable set

Boot Variables on next reload:

sup-1
kickstart variable = bootflash:/n7700-s2-kickstart.8.4.4.bin
system variable = bootflash:/n7700-s2-dk9.8.4.4.bin
Boot POAP Disabled
"""

SHOW_SWITCH = """\
Switch/Stack Mac Address : 0011.2233.4480 - Local Mac Address
Mac persistency wait time: Indefinite
                                             H/W   Current
Switch#   Role    Mac Address     Priority Version  State
-------------------------------------------------------------------------------------
 1       Member   0011.2233.4400     1      V02     Sync not started
*2       Active   0011.2233.4480     15     V02     Ready
 3       Member   0000.0000.0000     0      0       V-Mismatch
 4       Member   0000.0000.0000     0              Provisioned
"""

REDUNDANCY_STATES = """\
       my state = 13 -ACTIVE
     peer state = 8  -STANDBY HOT
           Mode = Duplex
           Unit = Primary
        Unit ID = 48

Redundancy Mode (Operational) = sso
Redundancy Mode (Configured)  = sso
Redundancy State              = sso
   Manual Swact = enabled
 Communications = Up
"""

REDUNDANCY_SINGLE = """\
Redundant System Information :
------------------------------
       Available system uptime = 1 minute
                 Hardware Mode = Simplex
    Configured Redundancy Mode = Non-redundant
     Operating Redundancy Mode = Non-redundant
              Maintenance Mode = Disabled
                Communications = Down      Reason: Failure

Current Processor Information :
-------------------------------
               Active Location = slot 6
        Current Software state = ACTIVE
        Configuration register = 0x2102

Peer (slot: 0) information is not available because it is in 'DISABLED' state
"""

XR_USERS = """\
Tue Nov  3 10:00:01.123 UTC
   Line            User                 Service  Conns   Idle        Location
   con0/RSP0/CPU0  admin                hardware     0  00:05:23
*  vty0            netops               ssh          0  00:00:00  192.0.2.10
   vty1            jane                 ssh          0     1d02h  192.0.2.77
"""
NXOS_USERS = """\
NAME     LINE         TIME         IDLE          PID COMMENT
netops   pts/0        Nov  3 10:00   .         20153 (192.0.2.10) session=ssh *
jane     pts/1        Nov  2 09:12 00:40       19001 (192.0.2.77) session=ssh
"""
USERS = """\
    Line       User       Host(s)              Idle       Location
   0 con 0                idle                 00:01:30
*  2 vty 0     netops     idle                 00:00:00 192.0.2.10
   3 vty 1     jane       idle                 1d02h    192.0.2.77

  Interface    User               Mode         Idle     Peer Address
  unknown      NETCONF(ONEP)      com.cisco.ne 00:00:49
"""

LOCKED = """\
Parser Configure Lock
---------------------
Owner PID         : 312
User              : jane
TTY               : 3
Type              : EXCLUSIVE
State             : LOCKED
Class             : EXPOSED
Count             : 1
Pending Requests  : 0
User debug info   : configure terminal
"""

RUNNING = """\
Building configuration...

Current configuration : 4321 bytes
!
! Last configuration change at 10:11:12 UTC Mon Nov 2 2026 by jane
! NVRAM config last updated at 10:12:00 UTC Mon Nov 2 2026 by jane
!
version 15.4
hostname edge-1
boot-start-marker
boot system bootflash:new.bin
boot system flash bootflash:old.bin
boot-end-marker
enable secret 5 $1$abcd$efghijklmnop
username jane privilege 15 password 7 0822455D0A16
clock timezone CET 1 0
clock summer-time CEST recurring last Sun Mar 2:00 last Sun Oct 3:00
crypto pki certificate chain TP-self-signed-1
 certificate self-signed 01
  30820229 30820192 A0030201 02020101 300D0609 2A864886 F70D0101 04050030
  31312F30 2D060355
  \tquit
ip scp server enable
snmp-server community s3cr3t RO
ntp clock-period 17180001
end
"""

STARTUP = """\
Using 4300 out of 33554432 bytes
!
! Last configuration change at 09:00:00 UTC Sun Nov 1 2026 by bob
!
version 15.4
hostname edge-1
boot-start-marker
boot system bootflash:new.bin
boot system flash bootflash:old.bin
boot-end-marker
enable secret 5 $1$abcd$efghijklmnop
username jane privilege 15 password 7 0822455D0A16
clock timezone CET 1 0
clock summer-time CEST recurring last Sun Mar 2:00 last Sun Oct 3:00
crypto pki certificate chain TP-self-signed-1
 certificate self-signed 01 nvram:IOS-Self-Sig#1.cer
ip scp server enable
snmp-server community s3cr3t RO
ntp clock-period 17179999
end
"""

INVENTORY = """\
NAME: "Power Supply Module 0", DESCR: "250W AC Power Supply"
PID: PWR-4330-AC       , VID: V03  , SN: PST2110N0AA

NAME: "Chassis", DESCR: "Cisco ISR4331 Chassis"
PID: ISR4331/K9        , VID: V04  , SN: FDO2111A0BC

"""

CDP = """\
Capability Codes: R - Router, T - Trans Bridge, B - Source Route Bridge
                  S - Switch, H - Host, I - IGMP, r - Repeater, P - Phone

Device ID        Local Intrfce     Holdtme    Capability  Platform  Port ID
dist-1           Gig 0/1           155             R S I  WS-C3850- Gig 1/0/7
a-very-long-device-name.example.net
                 Ten 1/1/2         132              R I   CSR1000V  Gig 2

Total cdp entries displayed : 2
"""

LLDP = """\
Capability codes:
    (R) Router, (B) Bridge, (T) Telephone, (C) DOCSIS Cable Device

Device ID           Local Intf     Hold-time  Capability      Port ID
phone-1             Gi1/0/44       171        B,T             7038.eeff.50a4

Total entries displayed: 1
"""

OSPF = """\
Neighbor ID     Pri   State           Dead Time   Address         Interface
10.0.0.1          1   FULL/DR         00:00:35    10.1.1.1        GigabitEthernet0/0/1
10.0.0.2          1   INIT/DROTHER    00:00:31    10.1.2.1        GigabitEthernet0/0/2
"""

BGP = """\
BGP router identifier 10.9.9.9, local AS number 65001

Neighbor        V           AS MsgRcvd MsgSent   TblVer  InQ OutQ Up/Down  State/PfxRcd
10.2.2.1        4        65010    1200    1190       42    0    0 2d03h           120
10.2.2.5        4        65011       0       0        1    0    0 never    Idle
"""

IP_BRIEF = """\
Interface              IP-Address      OK? Method Status                Protocol
GigabitEthernet0/0/0   192.0.2.1       YES NVRAM  up                    up
GigabitEthernet0/0/1   unassigned      YES NVRAM  administratively down down
GigabitEthernet0/0/2   198.51.100.9    YES NVRAM  up                    down
Loopback0              10.9.9.9        YES NVRAM  up                    up
"""

IF_STATUS = """\
Port      Name               Status       Vlan       Duplex  Speed Type
Fa0/1     Printer room 2     connected    20         a-full  a-100 10/100BaseTX
Fa0/2                        notconnect   1            auto   auto 10/100BaseTX
Gi0/1     uplink             connected    trunk      a-full a-1000 10/100/1000BaseTX
"""

REFUSED = """\
             ^
% Invalid input detected at '^' marker.

"""
