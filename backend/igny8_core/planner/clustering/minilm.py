"""Sentences to vectors by all-MiniLM-L6-v2, a small BERT, calculated with numpy alone.

Texts of the same number of tokens go together, so that there is no padding and no mask. Batches
are so small that what a layer works on stays in the processor's cache.

Method: Devlin et al. 2019, "BERT"; Wang et al. 2020, "MiniLM"; Reimers and Gurevych 2019,
"Sentence-BERT" (the mean of the last layer, at length 1).
"""

import math
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from igny8_core.planner.clustering.cores import side_by_side
from igny8_core.planner.clustering.vectors import Vectors, unit
from igny8_core.planner.clustering.weights import FILES, Unusable

HEAD_SIZE = 32
LONGEST = 128
TOKENS_PER_BATCH = 512
_EPSILON = 1e-12
_CURVE = np.float32(math.sqrt(2 / math.pi))

Weights = dict[str, np.ndarray]


class Dense(NamedTuple):
    """A matrix, stored output by input, and what is added."""

    weight: np.ndarray
    bias: np.ndarray

    def __call__(self, x: Vectors) -> Vectors:
        y = x @ self.weight.T
        y += self.bias
        return y


class Norm(NamedTuple):
    """Every row to mean 0 and variance 1, then scaled and moved; in place."""

    scale: np.ndarray
    shift: np.ndarray

    def __call__(self, x: Vectors) -> Vectors:
        x -= x.mean(axis=1, keepdims=True)
        variance = np.einsum("ij,ij->i", x, x) / x.shape[1]
        x *= (1 / np.sqrt(variance + _EPSILON))[:, None]
        x *= self.scale
        x += self.shift
        return x


class Layer(NamedTuple):
    """Attention over the tokens of a text, then two dense layers for each token."""

    query_key_value: Dense
    attended: Dense
    attended_norm: Norm
    wide: Dense
    narrow: Dense
    narrow_norm: Norm

    def __call__(self, x: Vectors, length: int) -> Vectors:
        y = self.attended(_attention(self.query_key_value(x), length))
        y += x
        x = self.attended_norm(y)
        y = self.narrow(_gelu(self.wide(x)))
        y += x
        return self.narrow_norm(y)


class MiniLM:
    """The model in a folder; raises Unusable where it cannot be read."""

    def __init__(self, folder: Path) -> None:
        # The tokenizer raises a bare Exception for whatever it cannot read.
        try:
            weights, self._tokenizer = _read(folder)
            self._words = weights["embeddings.word_embeddings.weight"]
            self._places = weights["embeddings.position_embeddings.weight"]
            self._places += weights["embeddings.token_type_embeddings.weight"][0]
            self._norm = _norm(weights, "embeddings.LayerNorm")
            self._layers = _layers(weights)
            self._embed_batch([[0]])
        except Exception as error:
            raise Unusable(f"the weights in {folder} cannot be read") from error

    def tokens(self, texts: list[str]) -> list[list[int]]:
        """Numbers of each text's pieces of words, between a first and a last one."""
        return [encoding.ids for encoding in self._tokenizer.encode_batch_fast(texts)]

    def embed(self, tokens: list[list[int]]) -> Vectors:
        """One row of length 1 for each text's tokens; raises Unusable where it is no number."""
        rows = np.empty((len(tokens), self._words.shape[1]), np.float32)

        def fill(batch: list[int]) -> None:
            rows[batch] = self._embed_batch([tokens[index] for index in batch])

        side_by_side(fill, _batches(tokens))
        if not np.isfinite(rows).all():
            raise Unusable("the weights are damaged: what they give is no number")
        return rows

    def _embed_batch(self, tokens: list[list[int]]) -> Vectors:
        ids = np.array(tokens)
        texts, length = ids.shape
        x = self._norm((self._words[ids] + self._places[:length]).reshape(texts * length, -1))
        for layer in self._layers:
            x = layer(x, length)
        return unit(x.reshape(texts, length, -1).mean(axis=1))


def _read(folder: Path) -> tuple[Weights, Any]:
    from safetensors.numpy import load_file
    from tokenizers import Tokenizer

    weights, tokenizer = (folder / name for name in FILES)
    reader = Tokenizer.from_file(str(tokenizer))
    reader.no_padding()
    reader.enable_truncation(LONGEST)
    found = load_file(weights)
    return {name: found[name].astype(np.float32, copy=False) for name in found}, reader


def _layers(weights: Weights) -> list[Layer]:
    count = len({name.split(".")[2] for name in weights if name.startswith("encoder.layer.")})
    if not count:
        raise ValueError("there is no layer")
    return [_layer(weights, f"encoder.layer.{number}") for number in range(count)]


def _layer(weights: Weights, name: str) -> Layer:
    three = [_dense(weights, f"{name}.attention.self.{part}") for part in ("query", "key", "value")]
    together = Dense(*(np.concatenate(parts) for parts in zip(*three, strict=True)))
    return Layer(
        together,
        _dense(weights, f"{name}.attention.output.dense"),
        _norm(weights, f"{name}.attention.output.LayerNorm"),
        _dense(weights, f"{name}.intermediate.dense"),
        _dense(weights, f"{name}.output.dense"),
        _norm(weights, f"{name}.output.LayerNorm"),
    )


def _dense(weights: Weights, name: str) -> Dense:
    return Dense(weights[f"{name}.weight"], weights[f"{name}.bias"])


def _norm(weights: Weights, name: str) -> Norm:
    return Norm(weights[f"{name}.weight"], weights[f"{name}.bias"])


def _batches(tokens: list[list[int]]) -> list[list[int]]:
    """Indices of texts that are equally long, so many together as a batch takes."""
    by_length: dict[int, list[int]] = {}
    for index, ids in enumerate(tokens):
        by_length.setdefault(len(ids), []).append(index)
    return [
        same[start : start + max(1, TOKENS_PER_BATCH // length)]
        for length, same in sorted(by_length.items())
        for start in range(0, len(same), max(1, TOKENS_PER_BATCH // length))
    ]


def _attention(query_key_value: Vectors, length: int) -> Vectors:
    """What each token takes over from the others of its text, head by head."""
    tokens, width = len(query_key_value), query_key_value.shape[1] // 3
    split = query_key_value.reshape(-1, length, 3, width // HEAD_SIZE, HEAD_SIZE)
    query, key, value = split.transpose(2, 0, 3, 1, 4)
    share = query @ key.swapaxes(-1, -2)
    share *= np.float32(1 / math.sqrt(HEAD_SIZE))
    share -= share.max(axis=-1, keepdims=True)
    np.exp(share, out=share)
    share /= share.sum(axis=-1, keepdims=True)
    return (share @ value).transpose(0, 2, 1, 3).reshape(tokens, width)


def _gelu(x: Vectors) -> Vectors:
    """x times the share of a normal distribution below x, by its usual form with tanh."""
    y = x * x
    y *= np.float32(0.044715) * _CURVE
    y += _CURVE
    y *= x
    np.tanh(y, out=y)
    y += 1
    y *= x
    y *= np.float32(0.5)
    return y
