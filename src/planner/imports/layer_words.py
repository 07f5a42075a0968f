"""What mixes the tokens and the channels of each layer, read from the ways in which configurations say it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

from planner.imports.reading import Reading

#: The words of a pattern, one of each layer.
LayerWords = list[str]
TokenRule = Callable[[Reading, int], LayerWords]

#: Of `layer_types` and its kin. Attention to every earlier token is `full` whether it is latent or not.
_TOKEN_WORDS: Mapping[str, str] = MappingProxyType(
    {
        "full_attention": "full",
        "attention": "full",
        "hybrid": "full",
        "global_attention": "full",
        "global": "full",
        "sliding_attention": "window",
        "sliding_window": "window",
        "local": "window",
        "local_attention": "window",
        "chunked_attention": "chunk",
        "linear_attention": "linear",
        "mamba": "mamba-2",
        "mamba2": "mamba-2",
        "conv": "convolution",
        "moe": "none/mixture",
        "mlp": "none/dense",
    }
)
_CHANNEL_WORDS: Mapping[str, str] = MappingProxyType({"dense": "dense", "sparse": "mixture"})
#: Of `hybrid_override_pattern` (Nemotron-H): one letter for each layer of one block.
_LETTERS: Mapping[str, str] = MappingProxyType(
    {"M": "mamba-2/none", "*": "full/none", "-": "none/dense", "E": "none/mixture"}
)


def everywhere(word: str) -> TokenRule:
    """Return the rule that every layer is of one kind."""
    return lambda _reading, layers: [word] * layers


def by_types(otherwise: TokenRule, words: Mapping[str, str] | None = None) -> TokenRule:
    """Return the rule that `layer_types` says it, and where it is absent another rule does."""

    def rule(reading: Reading, layers: int) -> LayerWords:
        named = reading.items("layer_types")
        other = otherwise(reading, layers)
        if named is None:
            return other
        return words_of(reading, "layer_types", named, layers, {**_TOKEN_WORDS, **(words or {})})

    return rule


def words_of(
    reading: Reading, key: str, named: Sequence[object], layers: int, words: Mapping[str, str]
) -> LayerWords:
    """Return the word of each layer from the file's own names; a name that is not known is refused."""
    for index, word in enumerate(named[:layers]):
        if not isinstance(word, str) or word not in words:
            known = ", ".join(words)
            reading.refuse(key, f"is no kind of layer that is known; known are {known}", word, place=index)
    if len(named) < layers:
        reading.refuse(key, f"names {len(named):,} layers of {layers:,}")
    return [words[str(word)] for word in named[:layers]]


def every(key: str, other: str, own: str = "full", *, usual: int = 0) -> TokenRule:
    """Return the rule that one layer in so many, the last of them, is `own` and the others `other`."""

    def rule(reading: Reading, layers: int) -> LayerWords:
        period = reading.whole(key, usual, least=0)
        return [own if period == 0 or (index + 1) % period == 0 else other for index in range(layers)]

    return rule


def windows(usual: str = "window") -> TokenRule:
    """Return the rule of `sliding_window` with its companions: all layers see the window, or none."""

    def rule(reading: Reading, layers: int) -> LayerWords:
        window = reading.value("window")
        first = reading.whole("max_window_layers", 0, least=0)
        if not reading.flag("use_sliding_window", otherwise=window is not None) or not window:
            return ["full"] * layers
        # Qwen: the first layers see everything
        return ["full" if index < first else usual for index in range(layers)]

    return rule


def by_pattern_letters(reading: Reading, layers: int) -> LayerWords:
    """Return what `hybrid_override_pattern` says, a letter a layer."""
    letters = reading.text("hybrid_override_pattern")
    if letters is None:
        reading.refuse("hybrid_override_pattern", "is missing; expected a letter for each layer")
    return words_of(reading, "hybrid_override_pattern", list(letters), layers, _LETTERS)


def by_numbers(key: str, words: Mapping[int, str], otherwise: TokenRule) -> TokenRule:
    """Return the rule that a list has a number for each layer, or for a period of layers."""

    def rule(reading: Reading, layers: int) -> LayerWords:
        numbers = reading.wholes(key)
        if numbers is None:
            return otherwise(reading, layers)
        for index, number in enumerate(numbers):
            if number not in words:
                reading.refuse(key, "is no kind of layer that is known", number, place=index)
        if not numbers:
            reading.refuse(key, "expected a number for each layer")
        return [words[numbers[index % len(numbers)]] for index in range(layers)]

    return rule


def by_places(key: str, word: str, other: str, *, first: int = 0) -> TokenRule:
    """Return the rule that a list holds the places of one kind of layers, counted from `first`."""

    def rule(reading: Reading, layers: int) -> LayerWords:
        places = set(reading.wholes(key) or ())
        return [word if index + first in places else other for index in range(layers)]

    return rule


def by_period(period: str, offset: str, word: str, other: str) -> TokenRule:
    """Return the rule that a layer is `word` at one place of each period (Jamba)."""

    def rule(reading: Reading, layers: int) -> LayerWords:
        length, place = reading.whole(period), reading.whole(offset, 0, least=0)
        return [word if index % length == place else other for index in range(layers)]

    return rule


def letters_of_windows(reading: Reading, layers: int) -> LayerWords:
    """Return what `sliding_window_pattern` says: a period as a number, or letters such as LLLG (EXAONE 4)."""
    pattern = reading.value("sliding_window_pattern")
    if not reading.value("window"):
        return ["full"] * layers
    if isinstance(pattern, str) and pattern and set(pattern) <= {"L", "G"}:
        # the last layer sees everything
        words = ["window" if pattern[index % len(pattern)] == "L" else "full" for index in range(layers)]
        return [*words[:-1], "full"]
    return every("sliding_window_pattern", "window", usual=4)(reading, layers)


def channel_words(reading: Reading, layers: int) -> LayerWords:
    """Return which layers are a mixture of experts, by whichever keys say so."""
    named = reading.items("mlp_layer_types")
    first = reading.whole("first_dense_layers", 0, least=0)
    last = reading.whole("moe_layer_end_index", 0, least=-1)
    step = reading.whole("layer_every", 1)
    place = reading.whole("expert_layer_offset", step - 1, least=0)
    dense = set(reading.wholes("mlp_only_layers") or ())
    mixtures = reading.wholes("moe_layers")
    frequency = reading.value("moe_layer_freq")
    if named is not None:
        return words_of(reading, "mlp_layer_types", named, layers, _CHANNEL_WORDS)
    if isinstance(frequency, list):
        return by_numbers("moe_layer_freq", {0: "dense", 1: "mixture"}, everywhere("mixture"))(
            reading, layers
        )
    if frequency is not None:
        step, place = reading.whole("moe_layer_freq"), 0
    if mixtures is not None:
        return by_places("moe_layers", "mixture", "dense")(reading, layers)

    def is_mixture(index: int) -> bool:
        is_within = index >= first and (last <= 0 or index <= last)
        return is_within and index not in dense and index % step == place

    return ["mixture" if is_mixture(index) else "dense" for index in range(layers)]


def places_of_mixtures(words: LayerWords) -> tuple[int, int] | None:
    """Return how many layers are dense before the mixtures, and one layer in how many of the rest is one.

    None where no such two numbers say it, and each layer must be named.

    Examples
    --------
    >>> places_of_mixtures(["dense", "mixture", "mixture"]), places_of_mixtures(["dense", "mixture"] * 2)
    ((1, 1), (0, 2))
    """
    if "mixture" not in words:
        return None
    start = words.index("mixture")
    for step in range(1, min(len(words), 64) + 1):
        first = max(start + 1 - step, 0)
        rule = [
            "mixture" if index >= first and (index - first + 1) % step == 0 else "dense"
            for index in range(len(words))
        ]
        if rule == words:
            return first, step
    return None


def as_pattern(words: LayerWords) -> list[str]:
    """Return the words of all layers as a pattern: its shortest period, runs counted.

    Examples
    --------
    >>> as_pattern(["linear"] * 3 + ["full"] + ["linear"] * 3 + ["full"])
    ['3 x linear', 'full']
    """
    count = len(words)
    period = next(
        length
        for length in range(1, count + 1)
        if words[length:] == words[: count - length] and (length == count or length <= count // 2 + count % 2)
    )
    runs: list[tuple[int, str]] = []
    for word in words[:period]:
        if runs and runs[-1][1] == word:
            runs[-1] = (runs[-1][0] + 1, word)
        else:
            runs.append((1, word))
    return [word if length == 1 else f"{length} x {word}" for length, word in runs]
