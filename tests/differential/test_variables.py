"""Variables are made, read, changed, printed, copied and watched as TensorFlow's are.

Each line is run on both sides, statements first; what its last expression gives, the printed text and the class of an
error must be equal.
"""

from __future__ import annotations

import ast
import copy
import pickle
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import minitf
from tests.differential.agreement import errors_of

# TensorFlow's own __array__ is behind NumPy's times.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation doesn't accept a copy:DeprecationWarning")

MADE = [
    "tf.Variable(1.0)", "tf.Variable(1)", "tf.Variable([1, 2])", "tf.Variable([1.5, 2], name='w')", "m",
    "tf.Variable(True)", "tf.Variable([])", "tf.Variable(np.float64(2))", "tf.Variable(np.arange(3))",
    "tf.Variable(np.arange(3), dtype=tf.float32)", "tf.Variable(tf.constant([1, 2]), dtype=tf.float32)",
    "tf.Variable(1.5, dtype=tf.int32)", "tf.Variable(lambda: tf.ones([2]))", "tf.Variable(lambda x: x)",
    "tf.Variable(lambda: [1, 2], dtype=tf.float64)", "tf.Variable()", "tf.Variable(None)", "tf.Variable({})",
    "tf.Variable([[1], [2, 3]])", "tf.Variable(v)", "tf.Variable(v, dtype=tf.int32)",
    "tf.Variable([1., 2.], shape=[2])", "tf.Variable([1., 2.], shape=tf.TensorShape([None]))",
    "tf.Variable([1., 2.], shape=tf.TensorShape(None))", "tf.Variable([1., 2.], shape=[3])",
    "tf.Variable([1., 2.], shape=[None]).shape", "tf.Variable(1.0, trainable=None).trainable",
    "tf.Variable(1.0, trainable=False).trainable", "tf.Variable(1.0, True, True, None, 'n')",
    "tf.Variable(1.0, name='a/b')", "tf.Variable(1.0, name='')", "tf.Variable(1.0, name='x/')",
    "tf.Variable(1.0, name=3)", "tf.Variable(1.0, constraint=abs).constraint",
    "tf.Variable(1.0).constraint", "tf.Variable(1.0, synchronization=tf.VariableSynchronization.ON_READ).trainable",
    "tf.Variable(1.0, synchronization=tf.VariableSynchronization.ON_READ, trainable=True).trainable",
    "tf.Variable(1.0, synchronization=tf.VariableSynchronization.NONE).synchronization",
    "tf.Variable(1.0, synchronization='a')", "tf.Variable(1.0, aggregation='mean')",
    "v.synchronization, v.aggregation", "tf.Variable(1.0, aggregation=tf.VariableAggregation.MEAN).aggregation.name",
    "tf.Variable(1.0, dtype='float64')",
    "[mode.name for mode in tf.VariableAggregation], [mode.value for mode in tf.VariableSynchronization]",
    "tf.Variable(1.0, dtype='no')", "tf.Variable(initial_value=[1], trainable=False, name='k', dtype=tf.int64)",
    "a = np.array([5., 6.], np.float32); x = tf.Variable(a); a[0] = 9; x",
    "got = []; tf.Variable(lambda: got.append(tf.Variable(1.).name) or 2., name='outer'); got",
]  # fmt: skip
ASSIGNED = [
    "v.assign([3., 4.])", "v.assign([3., 4.]); v", "v.assign([3., 4.]).assign_add([1., 1.]); v", "v.assign(3.)",
    "v.assign([3., 4.], read_value=False)", "v.assign([1., 2., 3.])", "v.assign([[1., 2.]])", "v.assign('a')",
    "v.assign(tf.constant([1, 2]))", "v.assign(tf.constant([1., 2.], tf.float64))", "v.assign([1, 2]); v",
    "v.assign(np.array([1, 2])); v", "v.assign(np.array([1.5, 2.5]), True, 'n'); v", "i.assign([1.5, 2.5])",
    "i.assign(np.array([1.5, 2.5])); i", "i.assign([True, False])", "v.assign(None)", "v.assign()", "v.assign(w)",
    "v.assign({})", "v.assign([[1.], [2., 3.]])", "v.assign(v); v", "v.assign([v[1], v[0]]); v",
    "b.assign([False, False])", "s.assign(True)", "s.assign([])", "s.assign(np.float64(3))",
    "s.assign(np.array([3]))", "s.assign([4.])", "v.assign([float('nan'), float('inf')])",
    "v.assign(S(tf.constant([1.]), tf.constant([0]), tf.constant([2])))", "v.assign_add(1.)",
    "v.assign_add([1., 1.]); v", "v.assign_add(tf.constant([1., 1.])); v", "v.assign_add([1, 1]); v",
    "v.assign_add([1., 1.], read_value=False)", "v.assign_add(tf.constant([1, 1]))", "v.assign_add([1., 1., 1.])",
    "v.assign_add([[1., 1.]])", "v.assign_add(None)", "v.assign_add([1., 1.], use_locking=True, name='x')",
    "b.assign_add([True, False])", "b.assign_sub([True, False])", "i.assign_add([1, 1]); i",
    "h.assign_add([1., 2.]); h", "v.assign_sub([1., 1.]); v", "v.assign_sub(1.)", "v.assign_sub(np.array([1, 2])); v",
    "v.assign_sub(v); v", "i.assign_sub(np.array([1.9, 1])); i", "s.assign_add(1); s", "s.assign_sub(1.5); s",
    "h.assign_add([1e5, 1.]); h", "x = tf.Variable([250], dtype=tf.uint8); x.assign_add([10])",
    "v.assign_sub(S(tf.constant([1.]), tf.constant([0])))", "u.assign([1., 2., 3.]); u", "u.assign(1.)",
    "u.assign([1., 2., 3.]).shape", "u.assign_add([1., 2., 3.])",
    "u.assign([1., 2., 3.]); u.shape, u.numpy(), u.read_value().shape, (u + 1).shape", "u.assign_add([1., 2.]); u",
    "n.assign([[1., 2., 3.]]); n", "n.assign(1.); n", "u.set_shape([2]); u.shape", "u.set_shape([3]); u.shape",
    "v.set_shape([2]); v.shape", "v.set_shape([3])",
]  # fmt: skip
ANSWERED = [  # what an assignment returns: the variable under another name
    "a = v.assign([5., 6.]); v.assign([7., 8.]); a", "a = v.assign([5., 6.]); a.assign([7., 8.]); v",
    "a = v.assign([5., 6.]); a.assign_add([7., 8.]); v", "a = v.assign([5., 6.]); a[0].assign(7.); v",
    "v.assign([5., 6.])[0]", "v.assign([5., 6.]).name", "v.assign([5., 6.]).trainable", "v.assign([5., 6.]) + 1",
    "v.assign([5., 6.]).numpy()", "v.assign([5., 6.]).shape", "isinstance(v.assign([5., 6.]), tf.Variable)",
    "v.assign([5., 6.]).ref() == v.ref()", "v.assign([5., 6.]).assign([1.])", "tf.Variable(v.assign([5., 6.]))",
    "str(v.assign([5., 6.]))", "tf.is_tensor(v.assign([5., 6.]))", "v.assign([5., 6.]).value()",
    "hash(v.assign([5., 6.]))", "float(s.assign(1.)), int(s.assign(3.)), bool(s.assign(0.))",
    "list(v.assign([5., 6.]))", "v is v.assign([1., 1.])", "u.assign([1., 2., 3.])[2].assign(9.); u",
    "v.assign([5., 6.]).is_initialized()", "v.assign([5., 6.]).device",
    "u.assign([1., 2.]).set_shape([2]); u.numpy()", "v.assign(w).dtype",
]  # fmt: skip
SLICED = [
    "m[0].assign([9., 9.])", "m[0].assign([9., 9.]); m", "m[0, 1].assign(5.); m", "m[:, 1].assign([5., 6.]); m",
    "m[1:].assign([[5., 6.]]); m", "m[::-1].assign([[5., 6.], [7., 8.]]); m", "m[...].assign(tf.zeros([2, 2])); m",
    "m[..., 0].assign([7., 7.]); m", "m[:, tf.newaxis].assign(tf.ones([2, 1, 2])); m", "m[0].assign(1.); m",
    "m[:].assign([1., 2.]); m", "m[0].assign([1., 2., 3.])", "m[0].assign([[1., 2.]])", "m[1:].assign([5., 6.])",
    "m[0].assign([1, 2]); m", "m[0].assign(tf.constant([1, 2]))", "m[5].assign([1., 2.])", "m[0].assign(None)",
    "m[0].assign_add([1., 1.])", "m[0].assign_sub([1., 1.])", "m[m > 2].assign([1., 2.])", "m[0][0].assign(1.)",
    "m[0:0].assign(tf.zeros([0, 2])); m", "m[0:0].assign([]); m", "m[-1].assign([0., 0.]); m", "i[0].assign(3.5)",
    "m[0].assign([9., 9.], 'name')", "v[0].assign(3); v", "v[0].assign([3.]); v", "v[0].assign([3., 4.])",
    "v[1:].assign([3.]); v", "v[-1:].assign(w[:1]); v", "i[tf.constant(1)].assign(3); i", "u[0].assign(3.); u",
    "s[...].assign(4.); s", "m[0:1].assign([5., 6.]); m", "m[0, 0:1].assign(3.); m", "m[:, :1].assign([3., 4.]); m",
    "m[tf.newaxis].assign(tf.ones([2, 2])); m", "m[0, tf.newaxis].assign(tf.ones([2])); m", "m[()].assign(1.); m",
    "m[[0]].assign([1., 2.]); m", "m[0:9].assign(tf.ones([2, 2])); m", "m[::0].assign(1.)", "m[0].assign(v); m",
    "m[0].assign([True, False]); m", "m[0].assign(['a', 'b'])", "m[0].assign(m[1]); m", "u[5].assign(1.)",
    "x = m[0]; m.assign_add(tf.ones([2, 2])); x.assign([0., 0.]); m", "x = m[0]; m.assign(tf.ones([2, 2])); x",
    "tf.constant([1.])[0].assign(2.)", "(m + 1)[0].assign([1., 2.])", "m.value()[0].assign([1., 2.])",
    "m[0].assign([1., 2.]).assign(tf.zeros([2, 2])); m", "m[0] = 1", "m[tf.Variable(1), 0].assign(7.); m", "del m[0]",
]  # fmt: skip
SCATTERED = [
    "v.scatter_add(S([1., 2.], [0, 1]))", "v.scatter_add(S([1., 2.], [0, 0])); v",
    "v.scatter_sub(S([1., 2.], [0, 0])); v", "v.scatter_update(S([1., 2.], [0, 0])); v",
    "v.scatter_min(S([0., 5.], [0, 1])); v", "v.scatter_max(S([0., 5.], [0, 1])); v",
    "v.scatter_mul(S([2., 5.], [0, 0])); v", "v.scatter_div(S([2., 5.], [0, 0])); v",
    "i.scatter_div(S([2, 5], [0, 0])); i", "i.scatter_div(S([0], [0]))", "i.scatter_min(S([0], [0])); i",
    "x = tf.Variable([-7, 7]); x.scatter_div(S([2, -2], [0, 1])); x", "b.scatter_update(S([False], [0])); b",
    "b.scatter_add(S([False], [0]))", "m.scatter_add(S([[1., 2.]], [1])); m", "m.scatter_add(S([1., 2.], [1]))",
    "m.scatter_add(S([1., 2.], 1)); m", "m.scatter_add(S(5., 1)); m", "m.scatter_add(S(5., [0, 1])); m",
    "m.scatter_update(S(5., [0, 1])); m", "m.scatter_mul(S(2., [0, 0])); m", "m.scatter_add(S([5.], [0]))",
    "m.scatter_update(S([[1., 2.], [3., 4.]], [[1, 0]]))", "m.scatter_update(S([[[1., 2.], [3., 4.]]], [[1, 0]])); m",
    "m.scatter_update(S(tf.zeros([0, 2]), tf.zeros([0], tf.int32))); m", "v.scatter_add(S([1., 2.], [0, 5]))",
    "v.scatter_update(S([1., 2.], [0, -1]))", "v.scatter_add(S([1., 2., 3.], [0, 1]))",
    "v.scatter_add(S([1., 2.], [0.5, 1.5]))", "v.scatter_add(S([1., 2.], tf.constant([0, 1], tf.int64))); v",
    "v.scatter_add(S([1., 2.], tf.constant([0, 1], tf.int8)))", "v.scatter_add(S([1., 2.], np.array([0, 1]))); v",
    "v.scatter_add(S(tf.constant([1, 2]), [0, 1]))", "i.scatter_add(S([1.5], [0]))", "v.scatter_add([1., 2.])",
    "v.scatter_update(None)", "v.batch_scatter_update(tf.constant([1.]))", "s.scatter_add(S([1.], [0]))",
    "v.batch_scatter_update(S([5., 6.], [1, 0])); v", "m.batch_scatter_update(S([[5.], [6.]], [[1], [0]])); m",
    "m.batch_scatter_update(S([[5.], [6.]], [[1], [2]]))", "m.batch_scatter_update(S([5., 6.], [[1], [0]]))",
    "m.batch_scatter_update(S([[5., 6.]], [1])); m", "m.batch_scatter_update(S([[5]], [[1]])); m",
    "v.scatter_nd_add([[0], [0]], [1., 2.])", "v.scatter_nd_sub([[0], [0]], [1., 2.]); v",
    "v.scatter_nd_update([[0], [0]], [5., 6.]); v", "v.scatter_nd_min([[0], [1]], [0., 6.]); v",
    "v.scatter_nd_max([[0], [1]], [0., 6.]); v", "v.scatter_nd_add([[5]], [1.])", "v.scatter_nd_update([[-1]], [1.])",
    "v.scatter_nd_add([[0]], [1., 2.])", "v.scatter_nd_add([0], 1.)", "m.scatter_nd_add([[0, 1]], [1.]); m",
    "m.scatter_nd_add([[0]], [[1., 2.]]); m", "m.scatter_nd_add([[0]], [1., 2.])",
    "m.scatter_nd_add([[0, 1, 0]], [1.])", "m.scatter_nd_update([[[0, 1]]], [[7.]]); m",
    "m.scatter_nd_update(tf.zeros([0, 2], tf.int32), tf.zeros([0])); m", "v.scatter_nd_add([[0.5]], [1.])",
    "v.scatter_nd_add([[0]], [1]); v", "v.scatter_nd_add([[0]], tf.constant([1]))", "i.scatter_nd_add([[0]], [1.5])",
    "b.scatter_nd_update([[0]], [False]); b", "b.scatter_nd_add([[0]], [False]); b",
    "v.scatter_nd_update(indices=[[0]], updates=[1.], name='k'); v", "v.scatter_nd_mul",
    "v.scatter_add(sparse_delta=S([1.], [0]), use_locking=True, name='k'); v", "m.scatter_nd_add([[0], [1]], 1.)",
    "u.assign([1., 2., 3.]); u.scatter_add(S([1.], [2])); u",
]  # fmt: skip
ROWS = [
    "str(S([1., 2.], [0, 1]))", "str(rows)", "str(S(rows.values, rows.indices))", "rows.dtype", "rows.shape",
    "S(rows.values, rows.indices).shape", "rows.dense_shape", "S([1.], [0]).values", "S([1.], [0]).indices",
    "S([1.])", "tf.convert_to_tensor(rows)",
    "tf.convert_to_tensor(S(tf.constant([1., 2.]), tf.constant([1, 1]), tf.constant([4])))",
    "tf.convert_to_tensor(S(rows.values, rows.indices))", "tf.convert_to_tensor(rows, tf.int32)", "(-rows).values",
    "tf.convert_to_tensor(S(tf.constant([[1., 2.]]), tf.constant([1]), tf.constant([2, 2])))", "tf.reduce_sum(rows)",
    "rows + 1",
]  # fmt: skip
READ = [
    "m[0]", "m[0] + 1", "m[:, 0]", "m[m > 2]", "m[5]", "m['a']", "v[tf.Variable(0)]", "v[:tf.Variable(1)]", "v[b]",
    "tf.ones([2])[tf.Variable(1)]", "m[0, 0, 0]", "m[0].shape", "type(m[0]) is type(m + 1)",
    "isinstance(m[0], tf.Tensor), isinstance(m, tf.Tensor), isinstance(m, tf.Variable)", "tf.is_tensor(v)",
    "v.numpy()", "v.shape, v.dtype, v.name, v.trainable", "v.get_shape()", "v.device", "v.ndim", "v.rank",
    "v.value()", "v.read_value()", "s.numpy()", "type(s.numpy())", "v.numpy().flags.writeable", "v.ref()",
    "v.ref().deref() is v", "v.ref() == v.ref(), v.ref() == w.ref()", "{v.ref(): 1}[v.ref()]",
    "hash(v)", "{v: 1}", "v in [v]", "v in [w]", "w in [v, w]", "v.T", "v.nothing",
    "v.shape = [3]", "v.trainable = False", "v.name = 'k'", "v.dtype = tf.int32", "v.note = 3; v.note",
    "v.is_initialized()", "v.gather_nd([[0]])", "v.gather_nd([[5]])", "v.gather_nd([0])", "m.gather_nd([[0], [1]])",
    "m.gather_nd([[0, 1]])", "m.gather_nd([1, 1])", "v.sparse_read([1, 0])", "v.sparse_read([[1, 0]])",
    "v.sparse_read(0)", "v.sparse_read([5])", "v.sparse_read([0.5])", "v.sparse_read([-1])", "m.sparse_read([1])",
    "list(v)", "list(s)", "len(v)", "[x for x in m]", "a, c = v; a", "bool(s)", "bool(v)", "bool(tf.Variable([0.]))",
    "int(s), float(s), complex(s)", "int(v)", "float(v)", "int(tf.Variable([2.5]))", "[1, 2, 3][tf.Variable(1)]",
    "range(tf.Variable(2))", "round(s)", "max(v)", "sum(v)", "sorted(v)", "f'{v}'", "f'{s}'", "f'{s:.2f}'", "str(v)",
    "format(v)", "'%s' % s", "'%d' % s", "'%.1f' % s", "np.array(v)", "np.asarray(v)", "np.array(v, dtype=int)",
    "np.asarray(v).flags.writeable", "np.sum(v)", "np.add(v, 1)", "x = v.numpy(); x[0] = 9; v",
    "v.value() is v.value()", "tf.convert_to_tensor(v) is tf.convert_to_tensor(v)",
    "t = v.value(); v.assign([7., 8.]); t", "t = v + 0; v.assign_add([7., 8.]); t",
    "t = v.numpy(); v.assign_add([7., 8.]); t", "t = np.asarray(v); v.assign_add([7., 8.]); t", "v.sum()",
    "t = tf.convert_to_tensor(v); v.assign_add([7., 8.]); t", "t = v[:]; v[0].assign(9.); t",
    "t = tf.constant([5., 6.]); v.assign(t); v.assign_add([1., 1.]); t",
    "a = np.array([5., 6.], np.float32); v.assign(a); a[0] = 9; v",
]  # fmt: skip
COMPUTED = [
    "v == v", "v == w", "v != w", "v == None", "v != None", "v == [1., 2.]", "v == 'a'", "v == [1., 2., 3.]",
    "v == tf.constant([1., 0.])", "tf.constant([1., 0.]) == v", "v + 1", "1 + v", "v + w", "v - 1", "1 - v", "v * 2",
    "2 * v", "v / 2", "2 / v", "v // 2", "2 // v", "v % 2", "2 % v", "v ** 2", "2 ** v", "-v", "abs(v)", "+v", "~b",
    "b & True", "True | b", "b ^ b", "m @ m", "m @ tf.ones([2, 1])", "tf.ones([1, 2]) @ m", "np.ones((1, 2)) @ m",
    "np.ones(2) + v", "v < w", "v <= 1", "v > w", "1 >= v", "v + i", "v + None",
    "v + tf.constant([1., 2.], tf.float64)", "v += 1", "v -= 1", "v *= 2", "v /= 2", "v **= 2", "v //= 2; v",
    "v %= 2; v", "tf.add(v, w)", "tf.reduce_sum(v)", "tf.convert_to_tensor(v)", "tf.convert_to_tensor(v, tf.int32)",
    "tf.convert_to_tensor([v, w])", "tf.convert_to_tensor(v, dtype_hint=tf.int32)", "tf.constant(v)",
    "tf.identity(v)", "tf.zeros_like(v)", "tf.cast(v, tf.int32)", "tf.shape(v), tf.rank(v), tf.size(v)",
    "tf.stack([v, w])", "tf.concat([v, w], 0)", "tf.matmul(m, m)", "tf.where(b, v, w)", "tf.reshape(m, [4])",
    "tf.zeros(i)", "tf.nn.relu(v)", "tf.square(v)", "tf.reduce_sum(m, axis=tf.Variable(0))",
    "tf.nest.flatten([v, {'a': s}])[1]", "tf.ones(tf.Variable([2, 2]))",
]  # fmt: skip
USED = [  # where a tensor is expected
    "tf.map_fn(lambda a: a * 2, v)", "tf.cond(tf.Variable(True), lambda: 1, lambda: 2)", "tf.gather(v, i - 1)",
    "tf.one_hot(i, 3)", "tf.while_loop(lambda a: a < 10., lambda a: [a * 2], [s])",
    "tf.debugging.assert_equal(v, [1., 2.])", "tf.range(s)",
    "tf.while_loop(lambda a: a < s * 4, lambda a: [a * 2], [tf.constant(1.)])", "tf.fill([2], s)",
    "tf.pad(v, [[1, 1]])", "tf.nest.map_structure(lambda a: a * 2, {'a': v, 'b': [w]})", "tf.math.add_n([v, w])",
    "tf.reduce_sum([v, w], axis=0)", "tf.einsum('ij,j->i', m, v)", "tf.clip_by_value(v, 0., 1.)", "tf.split(v, 2)",
    "tf.unstack(v)", "tf.tile(v, [2])", "tf.where([True, False], v, 0.)", "tf.nn.embedding_lookup(m, [1, 0])",
    "tf.math.argmax(v)", "tf.meshgrid(v, w)", "tf.tensor_scatter_nd_add(v, [[0]], [1.])",
    "tf.reshape(v, tf.Variable([2, 1]))", "tf.zeros(tf.Variable([2]))", "tf.logical_not(b)", "tf.stop_gradient(v)",
    "tf.expand_dims(v, tf.Variable(0))", "tf.transpose(m)", "tf.ones_like(v)", "tf.boolean_mask(v, b)",
    "tf.clip_by_global_norm([v, w], 1.)", "v[i[0]]", "m[tf.constant([True, False])]",
]  # fmt: skip
COPIED = [
    "copy.copy(v) is v", "copy.deepcopy(v)", "copy.deepcopy(v).assign([9., 9.]); v", "copy.deepcopy(u).shape",
    "copy.deepcopy(tf.Variable(1., name='q', trainable=False)).trainable", "x = copy.deepcopy([v, v]); x[0] is x[1]",
    "pickle.loads(pickle.dumps(v))", "copy.deepcopy(tf.Variable(1., constraint=abs)).constraint",
]  # fmt: skip
GRADIENTS = [  # by v, w and m
    "v * v", "v * v + v", "v[0] * v[1]", "v.value() * 2", "v.read_value() * 2", "tf.identity(v) * 2", "v",
    "v.value()", "tf.convert_to_tensor(v) * 2", "v.gather_nd([[0]])", "v.sparse_read([0, 0])",
    "(v * v, v.assign([5., 6.]), v * v)", "(v * v, v.assign_add([5., 6.]), v * v)[2]", "v.assign(v * v) + 0",
    "v.assign_add(v * v) * 1", "tf.Variable(3.) * w", "(v.assign_add(v * v), v * 1)[1]",
    "tf.square(v.assign([5., 6.]))", "(v[0].assign(5.), v * v)[1]", "tf.stack([v, v])",
    "(v.scatter_add(S([1.], [0])), v * v)[1]", "v.scatter_add(S([1.], [0])) * v", "m @ v[:, None]",
    "[a * 2 for a in v]", "sum(v)", "tf.stack([v[0], v[1]])", "i", "tf.constant(v) * 2", "-v", "abs(v)", "2 ** v",
    "v.numpy() * tf.ones([2])", "tf.zeros_like(v)", "tf.Variable(v) * 2", "tf.Variable(lambda: v * 2) * v",
    "v * w * m", "before * v", "(v.assign(w * 3), v * w)[1]", "(v.scatter_nd_update([[0]], w[:1]), v * w)[1]",
    "tf.reduce_sum(v) * w",
]  # fmt: skip
WATCHED = [
    "v * 1", "v.value()", "v.read_value()", "v[0]", "v.numpy()", "repr(v)", "f'{v}'", "float(s)", "bool(s)",
    "np.array(v)", "v.shape", "v == w", "list(v)", "v.assign([1., 2.])", "v.assign([1., 2.], read_value=False)",
    "v.assign_add([1., 2.])", "v.scatter_add(S([1.], [0]))", "v.is_initialized()", "copy.deepcopy(v)",
    "v.gather_nd([[0]])", "v.sparse_read([0])", "tf.Variable(v)", "(w * 1, v * 1)", "(i + 1, b & b)",
    "tf.Variable(1., trainable=False) * 2", "tf.zeros_like(v)", "v.assign(w)", "tf.Variable(3.)", "v.ref()",
    "tf.convert_to_tensor(v)", "tf.is_tensor(v)", "v[0].assign(1.)", "len(v.shape)", "v.trainable",
    "tf.Variable(lambda: v * 2)",
]  # fmt: skip
PHRASES = {
    "v.assign(3.)": "Cannot assign value to variable ' v:0': Shape mismatch.The variable shape (2,), and the assigned "
    "value shape () are incompatible.",
    "v.assign_add(1.)": "Cannot update variable with shape [2] using a Tensor with shape [], shapes must be equal.",
    "v.assign(tf.constant([1, 2]))": "Tensor conversion requested dtype float32 for Tensor with dtype int32",
    "b.assign_add([True, True])": "No OpKernel was registered to support Op 'AssignAddVariableOp'",
    "m[0].assign([1., 2., 3.])": "Cannot broadcast input shape [3] into final shape [2]",
    "tf.convert_to_tensor(v, tf.int32)": "Incompatible type conversion requested to type int32 for `tf.Variable of "
    "type float32.",
    "tf.Variable([1.], shape=[3])": "In this `tf.Variable` creation, the initial value's shape ((1,)) is not "
    "compatible with the explicitly supplied `shape` argument ([3])",
    "tf.Variable()": "The `initial_value` arg to `tf.Variable` must be specified",
    "tf.Variable(1., name=3)": "name for name_scope must be a string.",
    "hash(v)": "Variable is unhashable. Instead, use variable.ref() as the key.",
    "v += 1": "`variable += value` with `tf.Variable`s is not supported. Use `variable.assign_add(value)` to modify "
    "the variable, or `out = variable + value` if you need to get a new output Tensor.",
    "v.scatter_add(3)": "Argument `sparse_delta` must be a `tf.IndexedSlices`. Received arg: 3",
    "v.scatter_add(S([1., 2.], [0, 5]))": "indices[1] = 5 is not in [0, 2)",
    "m.scatter_add(S([1., 2.], [1]))": "Must have updates.shape = indices.shape + params.shape[1:]",
    "i.scatter_div(S([0], [0]))": "updates must not contain 0",
    "v.scatter_nd_add([[5]], [1.])": "indices[0] = [5] does not index into shape [2]",
    "v.set_shape([3])": "Shapes (2,) and (3,) are not compatible",
    "tf.convert_to_tensor(S(rows.values, rows.indices))": "Tensor conversion requested for IndexedSlices",
    "tf.convert_to_tensor(rows, tf.int32)": "Incompatible tensor conversion requested to `dtype` int32 for",
    "m[5]": "slice index 5 of dimension 0 out of bounds.",
    "list(s)": "Cannot iterate over a scalar tensor",
    "bool(v)": "The truth value of an array with more than one element is ambiguous.",
}


def surroundings(tf: Any) -> dict[str, Any]:
    """Name the variables of all lines, and what lines call."""
    made = {
        "v": tf.Variable([1.0, 2.0], name="v"), "w": tf.Variable([2.0, -1.0]), "i": tf.Variable([1, 2]),
        "b": tf.Variable([True, False]), "m": tf.Variable([[1.0, 2.0], [3.0, 4.0]], name="m"), "s": tf.Variable(2.5),
        "h": tf.Variable(np.array([1, 2], np.float16)), "u": tf.Variable([1.0, 2.0], shape=tf.TensorShape([None])),
        "n": tf.Variable([1.0, 2.0], shape=tf.TensorShape(None)),
        "rows": tf.IndexedSlices(tf.constant([1.0, 2.0]), tf.constant([0, 1]), tf.constant([4])),
        "tf": tf, "np": np, "copy": copy, "pickle": pickle, "S": tf.IndexedSlices,
    }  # fmt: skip
    return made | {"before": tf.convert_to_tensor(made["v"])}


def run(line: str, names: dict[str, Any]) -> Any:
    """Run the statements of a line, and return what its last expression gives."""
    statements = ast.parse(line).body
    last = statements.pop() if isinstance(statements[-1], ast.Expr) else ast.Expr(ast.Constant(None))
    exec(compile(ast.Module(statements, []), line, "exec"), names)
    return eval(compile(ast.Expression(last.value), line, "eval"), names)  # type: ignore[attr-defined]


def outcome(tf: Any, line: str, names: dict[str, Any] | None = None) -> tuple[str, str]:
    """Return the printed result, or the name of the error's class."""
    try:
        result = run(line, names or surroundings(tf))
    except errors_of(tf) as error:
        return "raises", type(error).__name__
    return repr(result), str(result)


@pytest.mark.parametrize(
    "line", [*MADE, *ASSIGNED, *ANSWERED, *SLICED, *SCATTERED, *ROWS, *READ, *COMPUTED, *USED, *COPIED]
)  # fmt: skip
def test_a_line_gives_what_tensorflow_gives(line: str, oracle: ModuleType) -> None:
    assert outcome(minitf, line) == outcome(oracle, line)


@pytest.mark.parametrize(("line", "phrase"), PHRASES.items())
def test_a_message_has_tensorflows_words(line: str, phrase: str, oracle: ModuleType) -> None:
    for tf in (minitf, oracle):
        with pytest.raises(errors_of(tf)) as caught:
            run(line, surroundings(tf))
        assert phrase in str(caught.value)


# --- tapes -----------------------------------------------------------------------------------------------------------


def gradients(tf: Any, line: str) -> str:
    names = surroundings(tf)
    with tf.GradientTape() as tape:
        target = run(line, names)
    found = tape.gradient(target, [names["v"], names["w"], names["m"]])
    return repr([None if gradient is None else tf.convert_to_tensor(gradient) for gradient in found])


@pytest.mark.parametrize("line", GRADIENTS)
def test_gradients_flow_to_every_read_of_a_variable(line: str, oracle: ModuleType) -> None:
    assert gradients(minitf, line) == gradients(oracle, line)


@pytest.mark.parametrize("line", WATCHED)
def test_a_tape_watches_the_variables_that_are_read(line: str, oracle: ModuleType) -> None:
    def watched(tf: Any) -> list[str]:
        names = surroundings(tf)
        with tf.GradientTape() as tape:
            run(line, names)
        return [variable.name for variable in tape.watched_variables()]

    assert watched(minitf) == watched(oracle)


@pytest.mark.parametrize("accessed", [True, False])
@pytest.mark.parametrize("trainable", [True, False])
@pytest.mark.parametrize("watched", [True, False])
def test_a_variable_is_watched_by_itself_or_when_asked(
    accessed: bool, trainable: bool, watched: bool, oracle: ModuleType
) -> None:
    def gradient(tf: Any) -> str:
        v = tf.Variable(3.0, trainable=trainable)
        with tf.GradientTape(watch_accessed_variables=accessed) as tape:
            if watched:
                tape.watch(v)
            y = v * v + v
        return repr(tape.gradient(y, v))

    assert gradient(minitf) == gradient(oracle)


def test_a_tensor_made_of_a_variable_is_another_source_than_the_variable(oracle: ModuleType) -> None:
    def both(tf: Any) -> str:
        v = tf.Variable(3.0)
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            t = tf.convert_to_tensor(v)
            tape.watch(t)
            y = t * v
        return repr(tape.gradient(y, [t, v]))

    assert both(minitf) == both(oracle)


# --- any slices and places -------------------------------------------------------------------------------------------

SIZES = (3, 4)
ENDS = st.none() | st.integers(-5, 5)
PARTS = st.one_of(
    st.builds(slice, ENDS, ENDS, st.none() | st.integers(-3, 3).filter(bool)),
    st.integers(-4, 4), st.none(), st.just(Ellipsis),
)  # fmt: skip
METHODS = ["add", "sub", "mul", "div", "min", "max", "update"]


def changed(tf: Any, change: Any) -> tuple[str, str]:
    names = {"v": tf.Variable(np.arange(12, dtype=np.float32).reshape(SIZES)), "change": change, "tf": tf}
    return outcome(tf, "change(tf, v); v", names)


@settings(deadline=None)
@given(st.lists(PARTS, max_size=3).map(tuple), st.data())
def test_any_part_takes_any_value_that_broadcasts(oracle: ModuleType, key: Any, data: st.DataObject) -> None:
    ours = outcome(minitf, "v[key].shape.as_list()", {"v": minitf.zeros(SIZES), "key": key})
    shape = [1] if ours[0] == "raises" else ast.literal_eval(ours[0])
    kept = data.draw(st.integers(0, len(shape)))
    shape = [data.draw(st.sampled_from([size, size, 1, 2])) for size in shape[kept:]]
    value = -1 - np.arange(np.prod(shape, dtype=int), dtype=np.float32).reshape(shape)
    change = lambda tf, v: v[key].assign(value)  # noqa: E731
    assert changed(minitf, change) == changed(oracle, change)


@settings(deadline=None)
@given(st.sampled_from(METHODS), st.lists(st.integers(-1, 3), max_size=4), st.sampled_from([(4,), ()]))
def test_any_rows_combine_with_any_updates(
    oracle: ModuleType, method: str, rows: list[int], width: tuple[int, ...]
) -> None:
    shape = (len(rows), *width) if width else ()
    updates = 2 ** (np.arange(np.prod(shape, dtype=int), dtype=np.float32).reshape(shape) % 5)
    indices = np.array(rows, np.int32)
    change = lambda tf, v: getattr(v, f"scatter_{method}")(tf.IndexedSlices(updates, indices))  # noqa: E731
    assert changed(minitf, change) == changed(oracle, change)


@settings(deadline=None)
@given(
    st.sampled_from(["add", "sub", "min", "max", "update"]),
    st.lists(st.tuples(st.integers(-1, 3), st.integers(0, 4)), max_size=4),
    st.booleans(),
)
def test_any_places_combine_with_any_updates(
    oracle: ModuleType, method: str, places: list[tuple[int, int]], whole_rows: bool
) -> None:
    indices = np.array(places, np.int32).reshape(-1, 2)[:, : 1 if whole_rows else 2]
    shape = (len(places), 4) if whole_rows else (len(places),)
    updates = np.arange(np.prod(shape), dtype=np.float32).reshape(shape) * 3 - 7
    change = lambda tf, v: getattr(v, f"scatter_nd_{method}")(indices, updates)  # noqa: E731
    assert changed(minitf, change) == changed(oracle, change)
