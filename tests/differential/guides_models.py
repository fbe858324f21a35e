"""Programs about modules."""

from __future__ import annotations

from typing import Any

from tests.differential.guide import guide


@guide
def dense_layers_from_scratch(tf: Any) -> Any:
    class SimpleModule(tf.Module):
        def __init__(self, name=None):
            super().__init__(name=name)
            self.a = tf.Variable(5.0, name="train_me")
            self.frozen = tf.Variable(5.0, trainable=False, name="do_not_train_me")

        def __call__(self, x):
            return self.a * x + self.frozen

    simple = SimpleModule(name="simple")
    print(simple(tf.constant(5.0)), simple.trainable_variables, simple.variables, simple.name, simple.name_scope.name)

    class Dense(tf.Module):
        def __init__(self, n_in, n_out, name=None):
            super().__init__(name=name)
            self.w = tf.Variable(tf.reshape(tf.cos(tf.range(float(n_in * n_out))), [n_in, n_out]), name="w")
            self.b = tf.Variable(tf.zeros([n_out]), name="b")

        def __call__(self, x):
            return tf.nn.relu(tf.matmul(x, self.w) + self.b)

    class Sequential(tf.Module):
        def __init__(self, name=None):
            super().__init__(name=name)
            self.layers = [Dense(3, 3), Dense(3, 2)]

        def __call__(self, x):
            for layer in self.layers:
                x = layer(x)
            return x

    m = Sequential(name="the_model")
    print("Results:", m(tf.constant([[2.0, 2.0, 2.0]])))
    print("Submodules:", [s.name for s in m.submodules], [type(s).__name__ for s in m.submodules])
    with tf.GradientTape() as t:
        loss = tf.reduce_sum(m(tf.ones([2, 3])))
    return t.gradient(loss, m.trainable_variables), [v.name for v in m.trainable_variables]


@guide
def layers_built_on_first_use_and_saved_by_hand(tf: Any) -> Any:
    class FlexibleDense(tf.Module):
        def __init__(self, out, name=None):
            super().__init__(name=name)
            self.is_built = False
            self.out = out

        @tf.Module.with_name_scope
        def __call__(self, x):
            if not self.is_built:
                self.w = tf.Variable(tf.ones([x.shape[-1], self.out]), name="w")
                self.b = tf.Variable(tf.zeros([self.out]), name="b")
                self.is_built = True
            return tf.nn.relu(x @ self.w + self.b)

    class Model(tf.Module):
        def __init__(self):
            super().__init__()
            self.blocks = {"first": FlexibleDense(3), "second": (FlexibleDense(2, name="tail"),)}

        def __call__(self, x):
            return self.blocks["second"][0](self.blocks["first"](x))

    m = Model()
    print(m(tf.constant([[2.0, 2.0, 2.0]])))
    print([(v.name, v.shape) for v in m.trainable_variables], m.name, len(m.submodules))
    saved = {f"{i}/{v.name}": v.numpy() for i, v in enumerate(m.variables)}
    other = Model()
    other(tf.zeros([1, 3]))
    for v, value in zip(other.variables, saved.values(), strict=True):
        v.assign(value * 2)
    print(sorted(saved), other(tf.ones([1, 3])))
    return list(saved.values()), sum(int(tf.size(v)) for v in m.trainable_variables)


@guide
def batch_normalization_by_hand(tf: Any) -> Any:
    class BatchNorm(tf.Module):
        def __init__(self, n):
            super().__init__()
            self.gamma, self.beta = tf.Variable(tf.ones(n), name="gamma"), tf.Variable(tf.zeros(n), name="beta")
            self.mean, self.var = (
                tf.Variable(tf.zeros(n), trainable=False, name="mean"),
                tf.Variable(tf.ones(n), trainable=False, name="var"),
            )

        def __call__(self, x, training=False):
            if training:
                mean, var = tf.nn.moments(x, [0])
                self.mean.assign(0.9 * self.mean + 0.1 * mean)
                self.var.assign(self.var * 0.9 + var * 0.1)
            else:
                mean, var = self.mean, self.var
            return tf.nn.batch_normalization(x, mean, var, self.beta, self.gamma, 1e-3)

    x = tf.reshape(tf.sin(tf.range(24.0)) * 3 + 1, [8, 3])
    bn = BatchNorm(3)
    with tf.GradientTape(persistent=True) as t:
        t.watch(x)
        y = bn(x, training=True)
        loss = tf.reduce_sum(y**3)
    print([v.name for v in bn.trainable_variables], [v.name for v in bn.non_trainable_variables])
    return y, bn(x), t.gradient(loss, x), t.gradient(loss, bn.trainable_variables), bn.mean


@guide
def parameters_in_nested_dicts(tf: Any) -> Any:
    p = {
        "dense": {"w": tf.Variable([[1.0, 2.0]]), "b": tf.Variable([0.5])},
        "scale": [tf.Variable(2.0), tf.Variable(3.0)],
        "unused": tf.Variable(1.0),
    }
    with tf.GradientTape() as t:
        y = tf.reduce_sum(p["dense"]["w"] * p["scale"][0]) + p["dense"]["b"][0] * p["scale"][1]
    g = t.gradient(y, p)
    print(tf.nest.map_structure(lambda v: v if v is None else v.shape, g), len(tf.nest.flatten(g)))
    new = tf.nest.map_structure(lambda v, d: v if d is None else v - 0.1 * d, p, g)
    return g, new
