"""Random models of Keras, the same on either side for the same seed: layers after layers, graphs, models in models."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

SIZE = 3  # of each input


def random_model(keras: Any, seed: int) -> Any:
    """Make a compiled model."""
    keras.utils.clear_session()
    draw = random.Random(seed)
    model = line(keras, draw) if draw.random() < 0.3 else graph(keras, draw)
    model.compile(draw.choice(["adam", "sgd"]), draw.choice(["mse", "mae"]))
    model.optimizer.build(model.trainable_variables)
    return model


def line(keras: Any, draw: random.Random) -> Any:
    model = keras.Sequential([keras.Input((SIZE,))])
    for _ in range(draw.randint(1, 3)):
        model.add(layer(keras, draw))
    return model


def layer(keras: Any, draw: random.Random) -> Any:
    layers = keras.layers
    makers: list[Callable[[], Any]] = [
        lambda: dense(keras, draw),
        lambda: layers.Dense(2, activity_regularizer="l2", trainable=False),
        lambda: layers.BatchNormalization(momentum=0.9, center=draw.random() < 0.5, scale=draw.random() < 0.5),
        lambda: layers.LayerNormalization(center=draw.random() < 0.5),
        lambda: layers.Dropout(draw.random() / 2, seed=draw.choice([None, 4])),
        lambda: layers.Activation(draw.choice(["relu", "elu", "gelu"])),
        lambda: layers.Rescaling(2.0, offset=1.0),
    ]
    return draw.choice(makers)()


def dense(keras: Any, draw: random.Random) -> Any:
    starts = ["he_normal", "orthogonal", keras.initializers.RandomUniform(seed=3), keras.initializers.Constant(0.5)]
    return keras.layers.Dense(
        draw.randint(1, 4),
        draw.choice([None, "relu", "tanh", "softplus", keras.activations.sigmoid]),
        use_bias=draw.random() < 0.8,
        kernel_initializer=draw.choice(starts),
        kernel_regularizer=draw.choice([None, "l1", keras.regularizers.L1L2(0.1, 0.2)]),
        bias_constraint=draw.choice([None, "max_norm", keras.constraints.MinMaxNorm(0.1, 0.9)]),
    )


OPERATORS: list[Callable[[Any], Any]] = [
    lambda t: t * 2.0,
    lambda t: 1.0 - t,
    lambda t: t + t,
    lambda t: t / 3.0,
    lambda t: t**2,
    lambda t: -t,
    abs,
    lambda t: t[:, :2],
    lambda t: t[..., ::-1],
]


def graph(keras: Any, draw: random.Random, depth: int = 0) -> Any:
    """Make a functional model; some of its inputs may lead nowhere, some layers may be called several times."""
    inputs = [keras.Input((SIZE,)) for _ in range(draw.randint(1, 3))]
    shared: list[Any] = [keras.layers.Dense(SIZE) for _ in range(2)]
    tensors = list(inputs)
    for _ in range(draw.randint(2, 7)):
        tensor, kind = draw.choice(tensors), draw.randrange(10)
        fits = tensor.shape[-1] == SIZE and depth < 2
        if kind < 3:
            result = layer(keras, draw)(tensor)
        elif kind == 3:
            result = keras.layers.Concatenate()([tensor, draw.choice(tensors)])
        elif kind < 6:
            result = draw.choice(OPERATORS)(tensor)
        elif kind == 6 and fits:
            result = called(draw.choice(shared), tensor)
        elif kind == 7 and fits:
            shared.append(line(keras, draw) if draw.random() < 0.5 else graph(keras, draw, depth + 1))
            result = called(shared[-1], tensor)
        else:
            alike = [other for other in tensors if other.shape == tensor.shape]
            merging = draw.choice([keras.layers.Add, keras.layers.Multiply, keras.layers.Average, keras.layers.Maximum])
            result = merging()([tensor, alike[-1]])
        tensors.append(result)
    ends = [each for each in tensors[-draw.randint(1, 2) :] if not any(each is other for other in inputs)]
    return keras.Model(inputs if len(inputs) > 1 else inputs[0], ends if len(ends) > 1 else ends[0])


def called(part: Any, tensor: Any) -> Any:
    """Call a layer or a model, with all its inputs the same, and return its first output."""
    several = isinstance(getattr(part, "input", None), list) and hasattr(part, "layers")
    result = part([tensor] * len(part.inputs) if several else tensor)
    return result[0] if isinstance(result, list) else result
