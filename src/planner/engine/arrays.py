"""The array types that every function of the engine takes and returns.

Records of arrays are frozen and not compared (`eq=False`): arrays have no one truth.
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

#: Arrays of float64 that broadcast against each other; a plain float is an array of no dimension.
FloatArray: TypeAlias = NDArray[np.float64]
#: What a caller may pass where an array is expected.
ArrayLike: TypeAlias = FloatArray | float
#: Masks over the same shapes.
BoolArray: TypeAlias = NDArray[np.bool_]
