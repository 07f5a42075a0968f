"""Optimizers by what they keep of a parameter, on the device and on the host: the words of `[training]`.

Where PyTorch has no optimizer of the asked number formats, one pass over a parameter does it all: gradient,
states, master weight and weight are read and written once, by a kernel that PyTorch compiles.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch

#: Rate, decays and clipping as dense pretraining recipes set them; no value changes bytes or time.
LEARNING_RATE, BETAS, WEIGHT_DECAY, EPSILON = 3e-4, (0.9, 0.95), 0.1, 1e-8
FORMATS = {"fp32": torch.float32, "bf16": torch.bfloat16}
#: Numbers that share a scale in 8 bit.
BLOCK = 256


@dataclass
class Parameter:
    """One parameter as the optimizer sees it; `held` is its gradient where that is summed apart."""

    weight: Any
    master: Any | None
    held: Any | None

    @property
    def gradient(self) -> Any:
        """Return its gradient over all microbatches."""
        return self.weight.grad if self.held is None else self.held

    def release(self) -> None:
        """Forget the gradient."""
        if self.held is None:
            self.weight.grad = None
        else:
            self.held.zero_()


def optimizer_of(name: str, states: str, parameters: list[Parameter]) -> Callable[[Any], None]:
    """Return what takes a step, given the factor that bounds the gradient."""
    if name in ("adamw", "lion", "sgd"):
        return _OnePass(name, FORMATS[states], parameters)
    if name == "adamw-8bit":
        return _EightBit(parameters)
    return _OfPyTorch(name, parameters)


class _OnePass:
    """Adam with decay, Lion, or gradient descent with momentum, element by element."""

    def __init__(self, name: str, states: torch.dtype, parameters: list[Parameter]) -> None:
        count = 2 if name == "adamw" else 1
        self._parameters = parameters
        self._moments = [
            [torch.zeros_like(p.weight, dtype=states, requires_grad=False) for _ in range(count)]
            for p in parameters
        ]
        self._update = torch.compile({"adamw": _adamw, "lion": _lion, "sgd": _sgd}[name], dynamic=True)

    @torch.no_grad()  # type: ignore[untyped-decorator]
    def __call__(self, bound: Any) -> None:
        for parameter, moments in zip(self._parameters, self._moments, strict=True):
            weight, kept = _flat(parameter, -1)
            self._update(bound, weight, kept, *(one.view(-1) for one in (parameter.gradient, *moments)))
            parameter.release()


def _flat(parameter: Parameter, *sides: int) -> tuple[Any, Any]:
    """Return a weight and what is kept of it between steps: its master, or itself."""
    weight = parameter.weight.detach().view(*sides)
    return weight, weight if parameter.master is None else parameter.master.view(*sides)


def _adamw(bound: Any, weight: Any, kept: Any, gradient: Any, first: Any, second: Any) -> None:
    slope = gradient.float() * bound
    mean = first.float().lerp(slope, 1.0 - BETAS[0])
    square = second.float().lerp(slope * slope, 1.0 - BETAS[1])
    changed = kept.float() * (1.0 - LEARNING_RATE * WEIGHT_DECAY)
    changed = changed - LEARNING_RATE * mean / (square.sqrt() + EPSILON)
    first.copy_(mean)
    second.copy_(square)
    _write(weight, kept, changed)


def _lion(bound: Any, weight: Any, kept: Any, gradient: Any, first: Any) -> None:
    slope, mean = gradient.float() * bound, first.float()
    changed = kept.float() * (1.0 - LEARNING_RATE * WEIGHT_DECAY)
    changed = changed - LEARNING_RATE * mean.lerp(slope, 1.0 - BETAS[0]).sign()
    first.copy_(mean.lerp(slope, 1.0 - BETAS[1]))
    _write(weight, kept, changed)


def _sgd(bound: Any, weight: Any, kept: Any, gradient: Any, first: Any) -> None:
    mean = first.float() * BETAS[0] + gradient.float() * bound
    changed = kept.float() * (1.0 - LEARNING_RATE * WEIGHT_DECAY) - LEARNING_RATE * mean
    first.copy_(mean)
    _write(weight, kept, changed)


def _write(weight: Any, kept: Any, changed: Any) -> None:
    if kept is not weight:
        kept.copy_(changed)
    weight.copy_(changed)


class _EightBit:
    """Adam whose moments are 8-bit numbers with a scale for each block; one map of numbers serves both."""

    def __init__(self, parameters: list[Parameter]) -> None:
        self._parameters = parameters
        self._states = [self._zeros(p.weight) for p in parameters]
        self._update = torch.compile(_adamw_8bit, dynamic=True)

    @staticmethod
    def _zeros(weight: Any) -> list[Any]:
        blocks, device = weight.numel() // BLOCK, weight.device
        codes = [torch.zeros(blocks, BLOCK, dtype=torch.int8, device=device) for _ in range(2)]
        return [*codes, *(torch.zeros(blocks, 1, device=device) for _ in range(2))]

    @torch.no_grad()  # type: ignore[untyped-decorator]
    def __call__(self, bound: Any) -> None:
        for parameter, states in zip(self._parameters, self._states, strict=True):
            weight, kept = _flat(parameter, -1, BLOCK)
            self._update(bound, weight, kept, parameter.gradient.view(-1, BLOCK), *states)
            parameter.release()


def _adamw_8bit(
    bound: Any, weight: Any, kept: Any, gradient: Any, first: Any, second: Any, of_first: Any, of_second: Any
) -> None:
    slope = gradient.float() * bound
    mean = (first.float() * of_first).lerp(slope, 1.0 - BETAS[0])
    root = second.float() * of_second
    square = (root * root).lerp(slope * slope, 1.0 - BETAS[1])
    changed = kept.float() * (1.0 - LEARNING_RATE * WEIGHT_DECAY)
    changed = changed - LEARNING_RATE * mean / (square.sqrt() + EPSILON)
    for numbers, codes, scales in ((mean, first, of_first), (square.sqrt(), second, of_second)):
        scale = numbers.abs().amax(dim=1, keepdim=True) / 127.0 + 1e-30
        codes.copy_((numbers / scale).round())
        scales.copy_(scale)
    _write(weight, kept, changed)


class _OfPyTorch:
    """An optimizer of `torch.optim` over the masters, or over the weights where there are none."""

    def __init__(self, name: str, parameters: list[Parameter]) -> None:
        self._parameters = parameters
        self._kept = [p.weight if p.master is None else p.master for p in parameters]
        ends = {0, len(parameters) - 1}
        inner = [kept for place, kept in enumerate(self._kept) if kept.dim() == 2 and place not in ends]
        chosen = {id(kept) for kept in inner}
        outer = [kept for kept in self._kept if id(kept) not in chosen]
        rates = {"lr": LEARNING_RATE, "weight_decay": WEIGHT_DECAY}
        self._optimizers = {
            "adamw-foreach": lambda: [torch.optim.AdamW(self._kept, foreach=True, betas=BETAS, **rates)],
            "adafactor": lambda: [torch.optim.Adafactor(self._kept, **rates)],
            "muon": lambda: [
                torch.optim.Muon(inner, **rates),
                torch.optim.AdamW(outer, fused=True, betas=BETAS, **rates),
            ],
        }[name]()

    @torch.no_grad()  # type: ignore[untyped-decorator]
    def __call__(self, bound: Any) -> None:
        torch._foreach_mul_([p.gradient for p in self._parameters], bound)
        for parameter, kept in zip(self._parameters, self._kept, strict=True):
            kept.grad = parameter.gradient
        for optimizer in self._optimizers:
            optimizer.step()
        if self._parameters[0].master is not None:
            torch._foreach_copy_([p.weight for p in self._parameters], self._kept)
            for kept in self._kept:
                kept.grad = None
        for parameter in self._parameters:
            parameter.release()


class OnHost:
    """AdamW whose states lie on the host and whose step the host takes (ZeRO-Offload, arXiv 2101.06840)."""

    def __init__(self, parameters: list[Parameter]) -> None:
        self._parameters = parameters
        self._is_pinned = torch.cuda.is_available()
        self._masters = [p.weight.detach().float().cpu() for p in parameters]
        for master in self._masters:
            master.grad = torch.empty_like(master, pin_memory=self._is_pinned)
        self._sent = [self._buffer(p.weight) for p in parameters]
        self._optimizer = torch.optim.AdamW(
            self._masters, lr=LEARNING_RATE, betas=BETAS, weight_decay=WEIGHT_DECAY, fused=True
        )

    def _buffer(self, weight: Any) -> Any | None:
        """Return where a weight waits to be sent; one that lives on the host is written itself."""
        if weight.device.type == "cpu" and self._is_pinned:
            return None
        return torch.empty(weight.shape, dtype=weight.dtype, pin_memory=self._is_pinned)

    @torch.no_grad()  # type: ignore[untyped-decorator]
    def __call__(self, bound: Any) -> None:
        for parameter, master in zip(self._parameters, self._masters, strict=True):
            master.grad.copy_(parameter.gradient, non_blocking=True)
        factor = float(bound)  # waits for the device
        torch._foreach_mul_([master.grad for master in self._masters], factor)
        self._optimizer.step()
        for parameter, master, sent in zip(self._parameters, self._masters, self._sent, strict=True):
            if sent is None:
                parameter.weight.copy_(master)
            else:
                parameter.weight.copy_(sent.copy_(master), non_blocking=True)
            parameter.release()
