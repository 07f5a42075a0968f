"""How alike two measured rates are: the covariance of what rates differ by from their nominal values."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from planner.engine.arrays import FloatArray
from planner.engine.collectives import MOST_STEPS

#: Spreads of the logarithm of measured over nominal: what all networks share, what those of one kind share,
#: what two sound systems of a kind differ by, and how much more of each where the message is small. Chosen on
#: the shipped curves with each source left out (`planner validate --kind collectives`). [-]
SHARED = 0.10
OF_A_KIND = 0.30
BETWEEN_SYSTEMS = 0.08
SMALL_SHARED = 0.60
SMALL_BETWEEN_SYSTEMS = 0.25
#: Distance at which two rates have e times less in common, in doublings of size and of domains. [-]
SIZE_DOUBLINGS = 16.0
DOMAIN_DOUBLINGS = 4.0
#: What is in common where both messages are small and the networks are of other kinds. [-]
SMALL_ACROSS_KINDS = 0.5
#: Of one repetition on one machine. [-]
REPETITION = 0.02

#: The same of a chip's own rates: of all chips, of a generation, of one chip, of it at one datatype, of two
#: sources. Chosen as those above, by the likelihood of each source given the others.
CHIP_SHARED = 0.05
CHIP_GENERATION = 0.05
CHIP_OF_ITS_OWN = 0.04
CHIP_DATATYPE = 0.04
CHIP_BETWEEN_SYSTEMS = 0.05
#: And of a maker: of matmuls, whose rate on paper is that of a clock which some makers' power limits let run
#: and others' do not (1,207 of 2,100 MHz on an MI300X), and of what moves data. [-]
MAKER_OF_MATMULS = 0.20
MAKER_OF_MOVES = 0.10


@dataclass(frozen=True, slots=True, eq=False)
class RatedPoints:
    """Timed collectives as the covariance sees them; all of one length."""

    #: logarithms to base 2; a plateau counts as the largest message that tools send. [-]
    size_doublings: FloatArray
    domain_doublings: FloatArray
    #: equal where the network is of one kind, and where one source measured: a new system is one of its own
    kinds: FloatArray
    sources: FloatArray
    #: of their time, the part that does not grow with the message. [-]
    ramp_shares: FloatArray


#: Doublings of a plateau's message, 16 GiB. [-]
PLATEAU_DOUBLINGS = 34.0


def domain_doublings(domains: FloatArray) -> FloatArray:
    """Return the logarithm to base 2 of the domains that count: beyond `MOST_STEPS` none does. [-].

    Examples
    --------
    >>> domain_doublings(np.array([1.0, 2.0, 512.0])).tolist()
    [0.0, 1.0, 6.0]
    """
    return np.asarray(np.log2(np.minimum(domains, MOST_STEPS)))


def size_doublings(message_bytes: FloatArray) -> FloatArray:
    """Return the logarithm to base 2 of messages, of a plateau that of the largest. [-].

    Examples
    --------
    >>> size_doublings(np.array([1024.0, np.inf])).tolist()
    [10.0, 34.0]
    """
    return np.asarray(np.minimum(np.log2(message_bytes), PLATEAU_DOUBLINGS))


def collective_covariance(a: RatedPoints, b: RatedPoints) -> FloatArray:
    r"""Return the covariance of what two sets of rates differ by from their nominal values. [-].

    .. math:: C = (s^2 + k^2 [K_a = K_b])\,\rho_S \rho_D + q^2 x_a x_b \rho_S \kappa
        + (h^2 + p^2 x_a x_b)\,\rho_S\,[Q_a = Q_b, D_a = D_b]

    with :math:`\rho = e^{-|\Delta| / \ell}` of the doublings of size and domains, and the ramp's share of
    each time :math:`x`.

    Parameters
    ----------
    a, b : RatedPoints
        Of lengths n and m.

    Returns
    -------
    (n, m) float64

    References
    ----------
    .. [1] Rasmussen and Williams, Gaussian Processes for Machine Learning (2006), section 4.2: sums and
       products of covariances, and the exponential one.

    Examples
    --------
    A rate has more in common with one of its own kind than with one of another.

    >>> none, apart = np.zeros(2), np.arange(2.0)
    >>> both = RatedPoints(np.array([34.0, 34.0]), none, apart, apart, none)
    >>> found = collective_covariance(both, both)
    >>> round(float(found[0, 0]), 4), round(float(found[0, 1]), 4)
    (0.1064, 0.01)
    """
    size = np.exp(-np.abs(a.size_doublings[:, None] - b.size_doublings) / SIZE_DOUBLINGS)
    apart = np.abs(a.domain_doublings[:, None] - b.domain_doublings)
    domain = np.exp(-apart / DOMAIN_DOUBLINGS)
    same_kind = a.kinds[:, None] == b.kinds
    one_run = (a.sources[:, None] == b.sources) & (apart == 0.0)
    small = a.ramp_shares[:, None] * b.ramp_shares
    common = (SHARED**2 + OF_A_KIND**2 * same_kind) * size * domain
    common = common + SMALL_SHARED**2 * small * size * np.where(same_kind, 1.0, SMALL_ACROSS_KINDS)
    own = (BETWEEN_SYSTEMS**2 + SMALL_BETWEEN_SYSTEMS**2 * small) * size
    return np.asarray(common + own * one_run)


@dataclass(frozen=True, slots=True, eq=False)
class ChipRates:
    """Rates of chips as the covariance sees them: whose, which, of what and by whom, as numbers."""

    makers: FloatArray
    generations: FloatArray
    chips: FloatArray
    chip_datatypes: FloatArray
    sources: FloatArray


def chip_covariance(a: ChipRates, b: ChipRates, of_a_maker: float) -> FloatArray:
    r"""Return the covariance of what chips' rates differ by from their nominal shares, (n, m). [-].

    .. math:: C = s^2 + m^2 [M_a = M_b] + g^2 [G_a = G_b] + c^2 [C_a = C_b] + d^2 [D_a = D_b]
        + h^2 [Q_a = Q_b]

    of makers M, generations G, chips C, chips at a datatype D and sources Q.

    Parameters
    ----------
    a, b : ChipRates
        Of lengths n and m.
    of_a_maker : float
        What the rates of one maker share: `MAKER_OF_MATMULS` or `MAKER_OF_MOVES`. [-]

    Examples
    --------
    >>> one = ChipRates(*[np.zeros(1)] * 5)
    >>> round(float(chip_covariance(one, one, 0.20)[0, 0]), 4)
    0.0507
    """

    def same(left: FloatArray, right: FloatArray) -> FloatArray:
        return np.asarray(left[:, None] == right, dtype=np.float64)

    return np.asarray(
        CHIP_SHARED**2
        + of_a_maker**2 * same(a.makers, b.makers)
        + CHIP_GENERATION**2 * same(a.generations, b.generations)
        + CHIP_OF_ITS_OWN**2 * same(a.chips, b.chips)
        + CHIP_DATATYPE**2 * same(a.chip_datatypes, b.chip_datatypes)
        + CHIP_BETWEEN_SYSTEMS**2 * same(a.sources, b.sources)
    )
