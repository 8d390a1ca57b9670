"""What channels that belong together say of each other: the residual of principal components, one sensor forgiven."""

import numpy as np

from detectors.base import Column, Floats, Ints, State

_FLOOR = 0.02  # a relation is not known better than to a fiftieth of a channel's spread
_OWN = 1e-3


class Relations:
    """The components of the correlation matrix with an eigenvalue below `noise`: there, normal readings are near 0."""

    def __init__(self, channels: int, noise: float) -> None:
        self.channels, self.noise = channels, noise

    def columns(self) -> dict[str, Column]:
        """State: the projection, what each channel's residual usually is, and the smoothed mean square."""
        k = self.channels
        fixed = {"project": Column(np.float64, 0.0, k * k, 0), "usual": Column(np.float64, 1.0, k, 0)}
        return {**fixed, "energy": Column(np.float64, 0.0), "brisk": Column(np.float64, 0.0)}

    def fit(self, state: State, at: int, z: Floats) -> None:
        """From n readings of one slot in units of their spread, [n, channels]; missing ones are 0."""
        value, vector = np.linalg.eigh(np.einsum("ij,ik->jk", z, z) / len(z))
        noise = vector[:, value < max(self.noise, float(value[0]) * 1.5)]
        project = np.einsum("ij,kj->ik", noise, noise)
        residual = np.einsum("ij,jk->ik", z, project)
        state["project"][at] = project.ravel()
        state["usual"][at] = np.sqrt(np.add.reduce(residual * residual, axis=0) / len(z) + _FLOOR**2)
        state["energy"][at] = state["brisk"][at] = 0.0

    def score(self, state: State, slot: Ints, z: Floats, clip: float, smooth: int) -> Floats:
        """Root of the smoothed mean square residual, the channel furthest off replaced by what the others say.

        It is held down to twice a mean over a third of the time, so that it does not linger when all is well again.
        """
        k = self.channels
        project = state["project"][slot].reshape(-1, k, k)
        usual = state["usual"][slot]
        residual = np.add.reduce(project * z[:, None, :], axis=2)
        row = np.arange(len(slot))
        worst = np.argmax(np.abs(residual) / usual, axis=1)
        own = np.maximum(project[row, worst, worst], _OWN)
        left = residual - (residual[row, worst] / own)[:, None] * project[row, worst]
        size = np.minimum(np.abs(left) / usual, clip)
        square = np.add.reduce(size * size, axis=1) / k
        energy, brisk = state["energy"][slot], state["brisk"][slot]
        energy += (square - energy) / smooth
        brisk += (square - brisk) / max(smooth / 3, 1)
        state["energy"][slot], state["brisk"][slot] = energy, brisk
        out: Floats = np.sqrt(np.minimum(energy, 2 * brisk))
        return out
