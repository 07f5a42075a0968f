r"""How a layer waits for its host, one formula a function, as those of `parts`.

Parameters are named as the fields of `step.StepTerms`, whatever their shape (...,): times >= 0 in seconds.
"""

from __future__ import annotations

from planner.engine.arrays import FloatArray


def launch_wait_s(device_layer: FloatArray, launch: FloatArray) -> FloatArray:
    r"""Return what a layer waits for the host that starts its kernels, beside what the chip takes. [s].

    .. math:: (t_{layer}^4 + t_{launch}^4)^{1/4} - t_{layer}

    The slower of chip and host sets the pace; where they are near each other, each waits for the other at
    times. The exponent is assumed: measured layers pass from one to the other within a factor of two of the
    tokens (profiles/runs/measured-options.toml).

    Examples
    --------
    >>> float(launch_wait_s(3.0, 0.0)), round(float(launch_wait_s(1.0, 3.0)), 2)
    (0.0, 2.01)
    """
    return (device_layer**4 + launch**4) ** 0.25 - device_layer


def waited_s(element_passes: FloatArray, launch_wait: FloatArray) -> FloatArray:
    r"""Return a layer's element-wise work with what the layer waits for its host. [s].

    .. math:: t_{element} + t_{wait}

    Examples
    --------
    >>> waited_s(2.0, 0.5)
    2.5
    """
    return element_passes + launch_wait
