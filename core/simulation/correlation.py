"""Rank correlation between the draws of several items, without touching any of their distributions.

Iman and Conover (1982), A distribution-free approach to inducing rank correlation among input variables:
the values of each item stay what they were drawn as, only their order is changed, so that neither a mean
nor a deviation moves.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

Matrix = NDArray[np.float64]

LEAST = 1e-8  # smallest eigenvalue of a matrix that is taken as it is
ROUNDS = 200


def nearest(stated: Matrix) -> tuple[Matrix, float]:
    """The correlation matrix nearest to `stated`, and by how much its furthest entry has moved (0: none had to).

    Higham (2002), Computing the nearest correlation matrix: projections in turn onto the matrices without
    negative eigenvalues and onto those with ones on the diagonal, with Dykstra's correction.
    """
    if np.linalg.eigvalsh(stated).min() >= LEAST:
        return stated, 0.0
    found, correction = stated.copy(), np.zeros_like(stated)
    for _round in range(ROUNDS):
        shifted = found - correction
        values, vectors = np.linalg.eigh(shifted)
        projected = (vectors * np.maximum(values, 10 * LEAST)) @ vectors.T
        correction = projected - shifted
        before, found = found, projected.copy()
        np.fill_diagonal(found, 1.0)
        if np.abs(found - before).max() < 1e-10:
            break
    # The last step may leave an eigenvalue a hair below 0.
    values, vectors = np.linalg.eigh(found)
    found = (vectors * np.maximum(values, LEAST)) @ vectors.T
    scale = 1 / np.sqrt(np.diag(found))
    found = found * scale[:, None] * scale[None, :]
    return found, float(np.abs(found - stated).max())


def ordered(draws: list[Matrix], ranks: Matrix, generator: np.random.Generator) -> list[Matrix]:
    """The same draws in an order in which their rank correlations are those of `ranks` (Spearman's).

    Scores are the normal's quantiles (van der Waerden); for these a Spearman of ρ needs 2·sin(πρ/6).
    """
    count = len(draws[0])
    scores = ndtri(np.arange(1, count + 1) / (count + 1))
    drawn = np.stack([generator.permutation(scores) for _one in draws], axis=1)
    wanted, _moved = nearest(pearson(ranks))
    # What chance has left of correlation between the columns is taken out before the wanted one is put in.
    out = np.linalg.cholesky(np.corrcoef(drawn, rowvar=False))
    mixed = np.linalg.solve(out, drawn.T).T @ np.linalg.cholesky(wanted).T
    return [_in_order_of(mixed[:, number], one) for number, one in enumerate(draws)]


def pearson(ranks: Matrix) -> Matrix:
    """The correlation of normal scores that gives these rank correlations."""
    found: Matrix = 2 * np.sin(np.pi * ranks / 6)
    np.fill_diagonal(found, 1.0)
    return found


def _in_order_of(leading: Matrix, values: Matrix) -> Matrix:
    found = np.empty_like(values)
    found[np.argsort(leading)] = np.sort(values)
    return found
