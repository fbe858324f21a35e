"""Programs about tensors, variables and Python."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.differential.guide import guide


@guide
def ranks_shapes_and_dtypes(tf: Any) -> Any:
    scalar = tf.constant(7)
    vector = tf.constant([1.5, 2.5, 3.5])
    matrix = tf.constant([[1, 2], [3, 4], [5, 6]], dtype=tf.float16)
    cube = tf.reshape(tf.range(24), [2, 3, 4])
    for t in (scalar, vector, matrix, cube):
        print(t)
        print(t.ndim, t.shape, t.dtype, tf.rank(t).numpy(), tf.size(t).numpy())
    print("first size:", cube.shape[0], "last:", cube.shape[-1], "rest", cube.shape[1:])
    print(repr(cube.shape), cube.shape.as_list(), tf.shape(cube))
    a, b, c = cube.shape
    return a * b * c


@guide
def slices_of_fibonacci(tf: Any) -> Any:
    fib = tf.constant([0, 1, 1, 2, 3, 5, 8, 13, 21, 34])
    print("first", fib[0].numpy(), "last", fib[-1].numpy())
    print(fib[:].numpy(), fib[:4].numpy(), fib[2:7].numpy(), fib[::2].numpy(), fib[::-1].numpy(), fib[7:2:-2].numpy())
    m = tf.reshape(fib, [2, 5])
    print(m[1, 1].numpy(), m[:, -1], m[0], m[..., tf.newaxis].shape, m[tf.newaxis, ..., 2:])
    i = tf.constant(1)
    print(m[i], m[:, i:3], m[i, i])
    return list(m), m[m > 3]


@guide
def reshaping(tf: Any) -> Any:
    x = tf.constant([[1], [2], [3]])
    print(x.shape, x.shape.as_list(), tf.reshape(x, [1, 3]), tf.reshape(x, (-1,)))
    t = tf.reshape(tf.range(30), [3, 2, 5])
    print(tf.reshape(t, [3 * 2, 5]), "\n", tf.reshape(t, [3, -1]))
    print(tf.transpose(t, perm=[2, 0, 1]).shape, tf.transpose(t).shape, tf.expand_dims(x, 0).shape, tf.squeeze(x))
    print(tf.reshape(t, tf.shape(t)[::-1]).shape, tf.reshape(t, [tf.size(t)])[:3])
    return tf.reshape(t, [x.shape[0], -1, 1]).shape


@guide
def broadcasting(tf: Any) -> Any:
    x = tf.constant([1, 2, 3])
    y = tf.constant(2)
    z = tf.constant([2, 2, 2])
    print(tf.multiply(x, 2), x * y, x * z, sep="\n")
    col = tf.reshape(x, [3, 1])
    row = tf.range(1, 5)
    print(col, row, tf.multiply(col, row))
    stretched = tf.stack([tf.reshape(x, [3, 1])[:, 0]] * 4, axis=1)
    print(stretched * row)
    print(tf.broadcast_to(tf.constant([1, 2, 3]), [3, 3]), tf.broadcast_static_shape(col.shape, row.shape))
    return tf.reduce_all(stretched * row == col * row)


@guide
def variables_hold_state(tf: Any) -> Any:
    start = tf.constant([[1.0, 2.0], [3.0, 4.0]])
    v = tf.Variable(start)
    flag = tf.Variable([False, False, True])
    print("Shape:", v.shape, "DType:", v.dtype, "As NumPy:", v.numpy(), sep="\n")
    print("a variable:", v)
    print("flags:", flag)
    print("as tensor:", tf.convert_to_tensor(v))
    print("best:", tf.math.argmax(v))
    print("copied:", tf.reshape(v, [1, 4]))
    a = tf.Variable([2.0, 3.0])
    a.assign([1, 2])
    b = tf.Variable(a)
    a.assign([5, 6])
    print(a.numpy(), b.numpy(), a.assign_add([2, 3]).numpy(), a.assign_sub([7, 9]).numpy())
    step = tf.Variable(1, trainable=False, name="step")
    print(step, step.name, step.trainable, v.name, v[0], v[0, 1], v + 1, v == start)
    v[0].assign([9, 9])
    v[:, 1].assign([0.5, 0.25])
    named = tf.Variable(start, name="Mark")
    print(named == start, named.shape, len(named.shape), isinstance(named, tf.Variable), tf.is_tensor(named))
    return v, repr(named), str(named)


@guide
def tensors_among_python_values(tf: Any) -> Any:
    t = tf.constant([[1.0, 2.0], [3.0, 4.0]])
    print(t.numpy().tolist(), np.array(t).sum(), float(t[0, 0]), int(tf.constant(3)), f"{t[1, 1]:.3f}", f"{t[0]}")
    print(f"loss = {tf.constant(0.12345):.4f}", f"n={int(tf.constant(4)):d}", str(tf.constant("x" == "x")))
    total = 0
    for row in t:
        for x in row:
            total += x
    print(total, sum(t), len(t), np.mean(t), np.dot(t, t), round(float(total), 1), list(map(float, t[0])))
    if tf.reduce_sum(t) > 9:
        print("large")
    while total > 1:
        total /= 3
    print(total, np.square(t) + t, t + np.ones((2, 2)), np.float32(2) * t, 2 * t, (t > 2).numpy().any())
    print(max(t[0], t[1], key=lambda r: float(tf.norm(r))), abs(-t), t**0.5, bool(t[0, 0] == 1), range(5)[int(t[0, 1])])
    return t.numpy().dtype, list(tf.range(3).numpy())


@guide
def looking_for_nan(tf: Any) -> Any:
    x = tf.constant([1.0, 0.0, -1.0])
    y = tf.math.log(x)
    print(
        y,
        tf.reduce_any(tf.math.is_nan(y)),
        tf.where(tf.math.is_finite(y), y, tf.zeros_like(y)),
        tf.math.is_inf(y).numpy().tolist(),
        tf.reduce_sum(y),
        tf.reduce_max(y),
        tf.reduce_mean(tf.boolean_mask(y, tf.math.is_finite(y))),
    )
    try:
        tf.debugging.check_numerics(y, "y is bad")
    except tf.errors.InvalidArgumentError as e:
        print(type(e).__name__, "y is bad" in e.message, e.error_code)
    try:
        tf.ones([2, 3]) @ tf.ones([2, 3])
    except (tf.errors.InvalidArgumentError, ValueError) as e:
        print(
            type(e).__name__, "Matrix size-incompatible" in str(e), isinstance(e, tf.errors.OpError), e.op, e.node_def
        )
    try:
        tf.constant([1, 2]) * 1.5
    except TypeError as e:
        print("TypeError", str(e).startswith("Cannot convert 1.5"))
    return tf.math.divide_no_nan([1.0, 2.0], [0.0, 4.0])
