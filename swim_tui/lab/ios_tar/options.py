"""The words of `archive download-sw`."""

from __future__ import annotations

from dataclasses import dataclass, field

FLAGS = (
    *("/allow-feature-upgrade", "/directory", "/force-reload", "/force-ucode-reload", "/imageonly", "/leave-old-sw"),
    *("/no-set-boot", "/no-version-check", "/only-system-type", "/overwrite", "/reload", "/safe", "/upgrade-ucode"),
    "/destination-system",
)
WITH_VALUE = ("/only-system-type", "/destination-system")


@dataclass
class Options:
    """What is asked for; `bad` is the first word nobody knows."""

    flags: set[str] = field(default_factory=set)
    system: int = 0
    path: str = ""
    bad: str = ""

    def has(self, flag: str) -> bool:
        """Whether a flag was given (without its slash)."""
        return f"/{flag}" in self.flags


def parse(words: list[str]) -> Options:
    """Flags may be abbreviated as far as they stay unique."""
    found, rest = Options(), list(words)
    while rest and not found.bad:
        word = rest.pop(0)
        if not word.startswith("/") or len(word) < 2:
            found.bad = word if found.path else ""
            found.path = found.path or word
            continue
        fits = [flag for flag in FLAGS if flag.startswith(word.lower())]
        flag = word.lower() if word.lower() in fits else fits[0] if len(fits) == 1 else ""
        if not flag:
            found.bad = word
            continue
        found.flags.add(flag)
        if flag in WITH_VALUE:
            value = rest.pop(0) if rest else ""
            found.system = int(value) if flag == "/destination-system" and value.isdigit() else found.system
    if not found.path:
        found.bad = found.bad or "?"
    return found
