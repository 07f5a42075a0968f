"""A whole training step of a dense model by a recipe, and its memory and time, measured."""

from __future__ import annotations

import functools
import gc
import statistics
import time
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import torch
from tests.benchmarks.accelerator import dense_model
from tests.benchmarks.accelerator.dense_model import Architecture
from tests.benchmarks.accelerator.losses import loss_of
from tests.benchmarks.accelerator.machine import power
from tests.benchmarks.accelerator.optimizers import OnHost, Parameter, optimizer_of
from torch.nn import functional
from torch.utils import checkpoint as checkpoints

GRADIENT_BOUND = 1.0
#: Tensors below this stay on the device when activations are offloaded. [B]
LEAST_OFFLOADED = 1 << 20
CHECKPOINT = functools.partial(checkpoints.checkpoint, use_reentrant=False)


@dataclass(frozen=True)
class Recipe:
    """What is held, in the words of `[training]`; the loss is what the step is run with."""

    method: str = "full"
    lora_rank: int = 16
    lora_targets: str = "all"
    optimizer: str = "adamw"
    state_dtype: str = "fp32"
    master_weights: str = "fp32"
    gradient_dtype: str = "fp32"
    offload: str = "none"
    loss: str = "compiled"


@dataclass(frozen=True)
class Case:
    """One training step to measure."""

    id: str
    architecture: Architecture
    sequence_length: int
    microbatch: int
    microbatches: int = 2
    recipe: Recipe = field(default_factory=Recipe)
    #: none, full, half (every second layer), attention-core, element-wise or alternate-matmuls
    recompute: str = "none"
    is_compiled: bool = True

    @property
    def tiny(self) -> Case:
        """Return the same on a shape that runs anywhere."""
        return replace(self, architecture=self.architecture.tiny, sequence_length=32, microbatch=1)


_MATMULS = (torch.ops.aten.mm.default, torch.ops.aten.addmm.default)
_ATTENTION = (
    torch.ops.aten._scaled_dot_product_flash_attention.default,
    torch.ops.aten._scaled_dot_product_efficient_attention.default,
    torch.ops.aten._scaled_dot_product_cudnn_attention.default,
    torch.ops.aten._scaled_dot_product_flash_attention_for_cpu.default,
)


def _kept_operations(every: int) -> Any:
    """Return checkpoint's contexts that keep attention and every so manieth matrix product."""
    counts = {True: 0, False: 0}

    def policy(context: Any, operation: Any, *_: Any, **__: Any) -> Any:
        if operation in _MATMULS:
            counts[context.is_recompute] += 1
            is_kept = counts[context.is_recompute] % every == 0
        else:
            is_kept = operation in _ATTENTION
        policies = checkpoints.CheckpointPolicy
        return policies.MUST_SAVE if is_kept else policies.PREFER_RECOMPUTE

    return checkpoints.create_selective_checkpoint_contexts(policy)


def _attention_again(shape: Architecture, query: Any, key: Any, value: Any) -> Any:
    return CHECKPOINT(dense_model.attention, shape, query, key, value)


@functools.cache
def layer_of(shape: Architecture, recompute: str, is_compiled: bool) -> Callable[..., Any]:
    """Return a layer as a function of state, rotation and weights; whole layers run again outside it."""
    attend = _attention_again if recompute == "attention-core" else dense_model.attention

    def plain(state: Any, rotation: Any, *weights: Any) -> Any:
        return dense_model.layer(shape, attend, state, rotation, weights)

    every = {"element-wise": 1, "alternate-matmuls": 2}.get(recompute)
    if every is None:
        return torch.compile(plain, dynamic=False) if is_compiled else plain

    def kept(state: Any, rotation: Any, *weights: Any) -> Any:
        contexts = functools.partial(_kept_operations, every)
        return CHECKPOINT(plain, state, rotation, *weights, context_fn=contexts)

    return torch.compile(kept, dynamic=False) if is_compiled else kept


class Trainer:
    """Weights with their states, and one step over them."""

    def __init__(self, case: Case, device: torch.device) -> None:
        self._case, self._device, self._recipe = case, device, case.recipe
        shape, recipe = case.architecture, case.recipe
        self._mark: Callable[[str], None] = lambda _: None
        self._streams_weights = recipe.offload == "weights"
        home = torch.device("cpu") if self._streams_weights else device
        self._embedding = dense_model.matrix(shape.vocabulary, shape.hidden, home)
        self._output = (
            self._embedding
            if shape.has_tied_embeddings
            else dense_model.matrix(shape.vocabulary, shape.hidden, home)
        )
        self._blocks = [dense_model.layer_weights(shape, home) for _ in range(shape.layers)]
        self._last_norm = torch.ones(shape.hidden, device=home, dtype=torch.bfloat16)
        if self._streams_weights and device.type == "cuda":
            self._embedding = self._embedding.pin_memory()
            self._output = self._embedding if shape.has_tied_embeddings else self._output.pin_memory()
            self._blocks = [[weight.pin_memory() for weight in block] for block in self._blocks]
        self._rotation = dense_model.rotation(shape, case.sequence_length, device)
        self.weights = [self._embedding, *(w for block in self._blocks for w in block), self._last_norm]
        self.weights += [] if shape.has_tied_embeddings else [self._output]
        self._adapters: list[list[Any]] = [[] for _ in self._blocks]
        if recipe.method == "lora":
            count = 4 if recipe.lora_targets == "all" else 1
            self._adapters = [
                dense_model.adapters(shape, recipe.lora_rank, count, device) for _ in self._blocks
            ]
        trained = [w for block in self._adapters for w in block] or self.weights
        self._parameters = [self._parameter(weight.requires_grad_()) for weight in trained]
        self._optimizer: Callable[[Any], None] = (
            OnHost(self._parameters)
            if recipe.offload in ("optimizer", "weights")
            else optimizer_of(recipe.optimizer, recipe.state_dtype, self._parameters)
        )
        self._layer = layer_of(shape, case.recompute, case.is_compiled)
        self._loss = loss_of(recipe.loss)
        self._pointers = {weight.untyped_storage().data_ptr() for weight in self.weights}

    def _parameter(self, weight: Any) -> Parameter:
        recipe = self._recipe
        is_on_host = recipe.offload in ("optimizer", "weights")
        has_master = recipe.master_weights == "fp32" and not is_on_host
        held = None
        if recipe.gradient_dtype == "fp32":
            held = torch.zeros_like(weight, dtype=torch.float32, requires_grad=False)
            weight.register_post_accumulate_grad_hook(functools.partial(_sum, held))
        return Parameter(weight, weight.detach().float() if has_master else None, held)

    def run(self, mark: Callable[[str], None] | None = None) -> Any:
        """Run one step over all its microbatches; `mark` is called by name where memory changes."""
        case, self._mark = self._case, mark or (lambda _: None)
        loss = torch.zeros(())
        self._mark("states")
        for number in range(case.microbatches):
            shape = (case.microbatch, case.sequence_length + 1)
            tokens = torch.randint(case.architecture.vocabulary, shape, device=self._device)
            if number == case.microbatches - 1:
                self._mark("first microbatches")
            with self._offloading():
                loss = self._forward(tokens[:, :-1], tokens[:, 1:])
            self._mark("loss")
            (loss / case.microbatches).backward()
            self._mark("backward")
        gradients = [parameter.gradient for parameter in self._parameters]
        norm = torch.linalg.vector_norm(torch.stack(torch._foreach_norm(gradients)).float())
        bound = torch.clamp(GRADIENT_BOUND / (norm + 1e-6), max=1.0)
        del gradients
        self._optimizer(bound)
        self._mark("optimizer")
        return loss.detach()

    def _forward(self, tokens: Any, targets: Any) -> Any:
        embedding = self._here(self._embedding)
        output = embedding if self._case.architecture.has_tied_embeddings else self._here(self._output)
        state = functional.embedding(tokens, embedding)
        if self._recipe.method == "lora":
            state.requires_grad_()
        for number, (weights, sides) in enumerate(zip(self._blocks, self._adapters, strict=True)):
            again = self._case.recompute == "full" or (self._case.recompute == "half" and number % 2)
            if again or self._streams_weights:
                state = CHECKPOINT(self._run_layer, state, *weights, *sides)
            else:
                state = self._run_layer(state, *weights, *sides)
        self._mark("layers")
        return self._loss(state, self._here(self._last_norm), output, targets)

    def _run_layer(self, state: Any, *weights: Any) -> Any:
        return self._layer(state, self._rotation, *(self._here(weight) for weight in weights))

    def _here(self, weight: Any) -> Any:
        return weight.to(self._device, non_blocking=True) if self._streams_weights else weight

    def _offloading(self) -> Any:
        if self._recipe.offload != "activations":
            return nullcontext()
        return torch.autograd.graph.saved_tensors_hooks(self._to_host, self._from_host)

    def _to_host(self, tensor: Any) -> Any:
        """Move what a layer keeps to pinned memory, in the order of the computation."""
        is_weight = tensor.untyped_storage().data_ptr() in self._pointers
        if is_weight or tensor.numel() * tensor.element_size() < LEAST_OFFLOADED:
            return tensor
        kept = torch.empty(tensor.shape, dtype=tensor.dtype, pin_memory=self._device.type == "cuda")
        return kept.copy_(tensor, non_blocking=True), tensor.device

    def _from_host(self, packed: Any) -> Any:
        return packed[0].to(packed[1], non_blocking=True) if isinstance(packed, tuple) else packed


def _sum(held: Any, weight: Any) -> None:
    """Add a weight's gradient of a microbatch to the sum of all, and drop it."""
    held.add_(weight.grad)
    weight.grad = None


def measured(case: Case, device: torch.device, repeats: int, warm_up: int = 2) -> dict[str, Any]:
    """Measure whole steps; running out of memory is a result too."""
    on_cuda = device.type == "cuda"
    _forget(on_cuda)
    row: dict[str, Any] = asdict(case)
    began = time.perf_counter()
    try:
        row |= _figures(case, device, repeats, warm_up)
    except torch.OutOfMemoryError as error:
        row["out_of_memory"] = str(error).partition(". GPU")[0]
        row["peak_allocated_bytes"] = torch.cuda.max_memory_allocated()
    except Exception as error:  # one case that fails must not cost the others their time
        row["failed"] = f"{type(error).__name__}: {str(error)[:600]}"
    row["spent_s"] = time.perf_counter() - began
    _forget(on_cuda)
    return row


def _forget(on_cuda: bool) -> None:
    gc.collect()
    if on_cuda:
        torch._C._cuda_clearCublasWorkspaces()
        torch.cuda.empty_cache()
        torch.cuda.reset_peak_memory_stats()


def _figures(case: Case, device: torch.device, repeats: int, warm_up: int) -> dict[str, Any]:
    on_cuda = device.type == "cuda"
    before = _clock(on_cuda)
    trainer = Trainer(case, device)
    for _ in range(warm_up):
        trainer.run()
    row: dict[str, Any] = {"warm_up_s": _clock(on_cuda) - before}
    if on_cuda:
        torch.cuda.reset_peak_memory_stats()
    taken, loss = [], torch.zeros(())
    with power(on_cuda) as watts:
        for _ in range(repeats):
            started = _clock(on_cuda)
            loss = trainer.run()
            taken.append(_clock(on_cuda) - started)
    median = statistics.median(taken)
    row |= {"parameters": sum(weight.numel() for weight in trainer.weights), "iteration_s": median}
    row |= {"step_s": taken, "loss": float(loss), "power_w": statistics.mean(watts) if watts else None}
    row["tokens_per_s"] = case.microbatch * case.microbatches * case.sequence_length / median
    if on_cuda:
        row["peak_allocated_bytes"] = torch.cuda.max_memory_allocated()
        row["peak_reserved_bytes"] = torch.cuda.max_memory_reserved()
        free, total = torch.cuda.mem_get_info()
        row["driver_bytes"], row["driver_total_bytes"] = total - free, total
        row["marks"] = _marks(trainer)
    else:
        trainer.run(lambda _: None)
    return row


def _marks(trainer: Trainer) -> dict[str, dict[str, float]]:
    """Return what is allocated at each mark of a step, the peak and the time since the last one. [B], [s]."""
    found: dict[str, dict[str, float]] = {}
    last = [_clock(True)]

    def mark(name: str) -> None:
        now = _clock(True)
        found[name] = {
            "allocated": torch.cuda.memory_allocated(),
            "peak": torch.cuda.max_memory_allocated(),
            "seconds": now - last[0],
        }
        torch.cuda.reset_peak_memory_stats()
        last[0] = _clock(True)

    trainer.run(mark)
    return found


def _clock(on_cuda: bool) -> float:
    """Return the time, once the device is idle. [s]."""
    if on_cuda:
        torch.cuda.synchronize()
    return time.perf_counter()
