"""The loss over a vocabulary, by what it holds of the logits: the words of `[training] loss`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch.nn import functional

#: Tokens whose logits are there at once in a chunked loss.
CHUNK_TOKENS = 1024


def loss_of(kind: str) -> Callable[[Any, Any, Any, Any], Any]:
    """Return the mean loss as a function of state, last norm, output weights and targets."""
    if kind == "compiled":
        return torch.compile(_plain, dynamic=False)  # type: ignore[no-any-return]
    return {"plain": _plain, "fused": _fused, "chunked": _chunked}[kind]


def _logits(state: Any, norm: Any, output: Any) -> Any:
    return functional.linear(_normed(state, norm), output).flatten(0, 1)


def _normed(state: Any, norm: Any) -> Any:
    return functional.rms_norm(state, (state.shape[-1],), norm)


def _plain(state: Any, norm: Any, output: Any, targets: Any) -> Any:
    """Return PyTorch's own loss of a cast of the logits."""
    return functional.cross_entropy(_logits(state, norm, output).float(), targets.flatten())


def _fused(state: Any, norm: Any, output: Any, targets: Any) -> Any:
    return _InPlace.apply(_logits(state, norm, output), targets.flatten())


def _chunked(state: Any, norm: Any, output: Any, targets: Any) -> Any:
    return _Chunked.apply(_normed(state, norm).flatten(0, 1), output, targets.flatten())


class _InPlace(torch.autograd.Function):  # type: ignore[misc]
    """Softmax and gradient take the place of one cast of the logits, as Megatron-LM's loss does."""

    @staticmethod
    def forward(ctx: Any, logits: Any, targets: Any) -> Any:
        found = logits.float()
        found -= found.amax(dim=-1, keepdim=True)
        own = found.gather(1, targets[:, None])
        total = found.exp_().sum(dim=-1, keepdim=True)
        found /= total
        ctx.save_for_backward(found, targets)
        return (total.log() - own).mean()

    @staticmethod
    def backward(ctx: Any, *upstream: Any) -> Any:
        found, targets = ctx.saved_tensors
        found.scatter_add_(1, targets[:, None], found.new_full((len(targets), 1), -1.0))
        found *= upstream[0] / len(targets)
        return found.to(torch.bfloat16), None


class _Chunked(torch.autograd.Function):  # type: ignore[misc]
    """Some tokens at a time, their gradients taken in the forward pass, as Liger's fused linear loss does."""

    @staticmethod
    def forward(ctx: Any, state: Any, output: Any, targets: Any) -> Any:
        of_state = torch.empty_like(state)
        of_output = torch.zeros_like(output) if ctx.needs_input_grad[1] else None
        total = torch.zeros((), device=state.device)
        for start in range(0, len(state), CHUNK_TOKENS):
            some = slice(start, start + CHUNK_TOKENS)
            logits = functional.linear(state[some], output)
            loss, of_logits = _chunk(logits, targets[some], len(state))
            del logits
            total += loss
            torch.mm(of_logits, output, out=of_state[some])
            if of_output is not None:
                of_output.addmm_(of_logits.T, state[some])
        ctx.save_for_backward(of_state, of_output)
        return total

    @staticmethod
    def backward(ctx: Any, *upstream: Any) -> Any:
        of_state, of_output = ctx.saved_tensors
        return of_state * upstream[0], None if of_output is None else of_output * upstream[0], None


@torch.compile(dynamic=False)  # type: ignore[untyped-decorator]
def _chunk(logits: Any, targets: Any, tokens: int) -> tuple[Any, Any]:
    """Return the loss of some tokens and the gradient of their logits."""
    found = logits.float()
    log_probabilities = found - found.logsumexp(dim=-1, keepdim=True)
    is_target = torch.arange(found.shape[-1], device=found.device) == targets[:, None]
    loss = -log_probabilities.gather(1, targets[:, None]).sum() / tokens
    return loss, ((log_probabilities.exp() - is_target.float()) / tokens).to(torch.bfloat16)
