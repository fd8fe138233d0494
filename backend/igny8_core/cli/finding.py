"""What `igny8 doctor` says of one thing."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at; `cure` where somebody must do something about it.

    A warning names what will come by itself and is good to know.
    """

    about: str
    state: str
    cure: str = ""
    is_warning: bool = False

    @property
    def mark(self) -> str:
        """What stands before it."""
        return "!!" if self.cure else "! " if self.is_warning else "ok"
