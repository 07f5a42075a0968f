"""The descent of the fit: minima that are known, kinks, and that it starts where the priors are."""

from __future__ import annotations

import numpy as np

from planner.engine.arrays import FloatArray
from planner.validation.least_squares import minimum


def test_a_linear_problem_ends_at_its_solution() -> None:
    rng = np.random.default_rng(3)
    matrix, target = rng.normal(size=(30, 6)), rng.normal(size=30)
    found = minimum(lambda x: matrix @ x - target, lambda x: (matrix @ x - target, matrix), 6)
    solution = np.linalg.solve(matrix.T @ matrix + np.eye(6), matrix.T @ target)
    np.testing.assert_allclose(found.at, solution, atol=2e-3)


def test_no_point_beside_the_minimum_of_a_curved_problem_is_lower() -> None:
    def residuals(x: FloatArray) -> FloatArray:
        return np.array([10.0 * (x[1] - x[0] ** 2), 2.0 - x[0]])

    def linearised(x: FloatArray) -> tuple[FloatArray, FloatArray]:
        return residuals(x), np.array([[-20.0 * x[0], 10.0], [-1.0, 0.0]])

    def cost(x: FloatArray) -> float:
        return float(residuals(x) @ residuals(x) + x @ x) / 2.0

    found = minimum(residuals, linearised, 2)
    assert found.cost < cost(np.zeros(2))
    for step in np.vstack([np.eye(2), -np.eye(2)]) * 0.05:
        assert cost(found.at + step) > found.cost


def test_a_kink_ends_the_descent() -> None:
    """Derivatives that promise what no step keeps are left where they are found."""
    found = minimum(lambda x: 5.0 + np.abs(x), lambda x: (5.0 + np.abs(x), np.ones((1, 1))), 1)
    assert abs(float(found.at[0])) < 1e-6
