"""Families of models that no profile can say yet, and why: they are never taken for another."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

#: By `model_type`; why, as the end of a sentence.
REFUSED: Mapping[str, str] = MappingProxyType(
    {
        "zamba": "blocks of its layers share their parameters",
        "zamba2": "blocks of its layers share their parameters",
        "rwkv": "its time mixing is none of the token mixers that are known",
        "rwkv5": "its time mixing is none of the token mixers that are known",
        "rwkv6": "its time mixing is none of the token mixers that are known",
        "rwkv7": "its time mixing is none of the token mixers that are known",
        "recurrent_gemma": "its gated linear recurrence is none of the token mixers that are known",
        "xlstm": "its cells are none of the token mixers that are known",
        "deepseek_v4": "its compressed attention and hyper-connections are not known",
        "deepseek_ref": "its compressed attention and hyper-connections are not known",
        "kimi_k3": "its residuals from earlier blocks are not known",
        "kimi_k3_text": "its residuals from earlier blocks are not known",
        "gemma3n": "its layers differ in width and share keys and values",
        "gemma3n_text": "its layers differ in width and share keys and values",
        "openelm": "its layers differ in width",
        "nemotron-nas": "its layers differ in width",
        "deci": "its layers differ in heads",
        "longcat_flash": "a layer has two attentions, and some experts compute nothing",
        "mllama": "some layers attend to an encoder's output",
        "idefics": "some layers attend to an encoder's output",
        "t5": "it is an encoder with a decoder",
        "bart": "it is an encoder with a decoder",
        "whisper": "it is an encoder with a decoder",
        "bert": "it is an encoder, trained on masked tokens",
        "roberta": "it is an encoder, trained on masked tokens",
        "modernbert": "it is an encoder, trained on masked tokens",
    }
)
