"""How systemd keeps an agent running."""

from __future__ import annotations

UNIT = """\
[Unit]
Description=suite-backup agent
Wants=network-online.target
After=network-online.target

[Service]
Type=exec
ExecStart={program} agent run
Restart=on-failure
RestartSec=30
# What was stored before a stop stays, and the next save takes it up.
KillSignal=SIGTERM
TimeoutStopSec=60
Nice=10
IOSchedulingClass=idle
StateDirectory=suite-backup
StateDirectoryMode=0700
CacheDirectory=suite-backup
CacheDirectoryMode=0700
UMask=0077
# It reads all and changes nothing but its own; a repository in a folder is added to these paths.
ProtectSystem=strict
ReadWritePaths=-/etc/suite-backup
CapabilityBoundingSet=CAP_DAC_READ_SEARCH CAP_FOWNER
AmbientCapabilities=
NoNewPrivileges=yes
PrivateDevices=yes
ProtectClock=yes
ProtectControlGroups=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
LockPersonality=yes
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
SystemCallArchitectures=native

[Install]
WantedBy=multi-user.target
"""


FREEZING = {
    "# It reads all and changes nothing but its own; a repository in a folder is added to these paths.\n": (
        "# It makes snapshots and mounts them where it alone sees them: it is trusted with this whole machine.\n"
    ),
    "ProtectSystem=strict\nReadWritePaths=-/etc/suite-backup\n": "",
    "CAP_DAC_READ_SEARCH CAP_FOWNER": "CAP_DAC_OVERRIDE CAP_DAC_READ_SEARCH CAP_FOWNER CAP_SYS_ADMIN",
    "RestrictNamespaces=yes": "RestrictNamespaces=mnt",
}
"""What is otherwise where plans save what stands still."""


def unit(program: str, *, freeze: bool = False) -> str:
    """The unit, for `/etc/systemd/system/suite-backup-agent.service`."""
    text = UNIT.format(program=program)
    for line, instead in FREEZING.items() if freeze else ():
        text = text.replace(line, instead)
    return text
