"""What every study takes beside its question: the project's records, and how it is watched and stopped."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from mitsumori.model.catalogue.catalogue import Catalogue
from mitsumori.model.kernels.constants import Constants, shipped
from mitsumori.model.plan.project import Correction


def never() -> bool:
    """Nobody stops it."""
    return False


@dataclass(frozen=True, slots=True)
class Setting:
    """The surroundings of a study.

    Attributes
    ----------
    catalogue, corrections, constants
        As :func:`model.estimate.estimate.estimate`; None is what ships.
    cancelled
        Asked between estimates; true ends with what was found so far.
    progress
        Told the share done, 0 to 1.
    """

    catalogue: Catalogue | None = None
    corrections: Sequence[Correction] = ()
    constants: Constants | None = None
    cancelled: Callable[[], bool] = never
    progress: Callable[[float], None] | None = None

    @property
    def records(self) -> Catalogue:
        """The catalogue, the shipped one where none is given."""
        return Catalogue.shipped() if self.catalogue is None else self.catalogue

    @property
    def fitted(self) -> Constants:
        """The constants, the shipped ones where none are given."""
        return shipped() if self.constants is None else self.constants

    def tell(self, share: float) -> None:
        """Tell the share done, 0 to 1."""
        if self.progress is not None:
            self.progress(share)


SHIPPED = Setting()
"""The shipped records, nobody watching."""
