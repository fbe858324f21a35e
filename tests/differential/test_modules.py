"""Modules find their variables and modules, and name scopes name them, as TensorFlow's do.

Each line is run on both sides, as in test_variables.
"""

from __future__ import annotations

import collections
import threading
import types
from types import ModuleType
from typing import Any

import pytest

import minitf
from tests.differential.agreement import errors_of
from tests.differential.test_variables import outcome, run, surroundings

CLASSES = '''
class Lone(tf.Module): pass
class MLPBig(tf.Module): pass
class HTTPServer2(tf.Module): pass
class ABC(tf.Module): pass
class aBc(tf.Module): pass
class Dense1D(tf.Module): pass

class Plain:
    def __init__(self):
        self.v = V(1)

class Ignoring(tf.Module):
    _TF_MODULE_IGNORED_PROPERTIES = tf.Module._TF_MODULE_IGNORED_PROPERTIES | {"a"}

class Slots(tf.Module):
    __slots__ = ("v",)

class NoSuper(tf.Module):
    def __init__(self):
        self.v = V(1)

    @tf.Module.with_name_scope
    def __call__(self, x):
        return x

class Scoped(tf.Module):
    @tf.Module.with_name_scope
    def build(self, fail=False):
        """Make variables."""
        self.w = tf.Variable(1.0, name="w")
        with tf.name_scope("in"):
            self.inner = tf.Variable(1.0)
        if fail:
            raise RuntimeError
        return tf.constant(1)

class Child(tf.Module):
    @tf.Module.with_name_scope
    def __call__(self):
        if not hasattr(self, "w"):
            self.w = tf.Variable(1.0, name="w")

class Outer(tf.Module):
    def __init__(self):
        super().__init__()
        with self.name_scope:
            self.child = Child(name="kid")
            self.v = tf.Variable(2.0, name="v")

    @tf.Module.with_name_scope
    def __call__(self):
        self.child()
        self.u = tf.Variable(2.0, name="u")

class Dense(tf.Module):
    def __init__(self):
        super().__init__()
        self.w, self.b = tf.Variable([1.0], name="w"), tf.Variable([0.0], name="b")

class Hidden(tf.Module):
    def __init__(self):
        super().__init__()
        self._w = V(3)

    @property
    def w(self):
        return self._w

def V(value, trainable=True):
    return tf.Variable(float(value), trainable=trainable)

def N(variables):
    return [float(variable) for variable in variables]

def nested(*scopes, name=None):
    if not scopes:
        return tf.Variable(1.0, name=name).name
    with tf.name_scope(scopes[0]) as full:
        return full, nested(*scopes[1:], name=name)

def again():
    scope = tf.name_scope("a")
    with scope:
        with scope:
            inner = nested()
        return inner, nested()

def left(error):
    try:
        with tf.name_scope("a"):
            raise error
    except error:
        return nested()

x = tf.Module(name="x")
'''
NAMED = [
    "tf.Module().name", "tf.Module(name='k').name", "tf.Module('k').name", "tf.Module(name='1a')",
    "tf.Module(name='')", "tf.Module(name='a-b')", "tf.Module(name='a/b')", "tf.Module(name=3)",
    "tf.Module(name='_a').name", "tf.Module(1, 2)", "tf.Module(names='k')", "tf.Module().name_scope.name",
    "x.name_scope is x.name_scope", "x.name = 'k'",
    "[kind().name for kind in (Lone, MLPBig, HTTPServer2, ABC, aBc, Dense1D)]", "x._name = 'l'; x.name",
    "x.variables = []", "x.submodules = []", "NoSuper().name", "NoSuper().name_scope", "NoSuper()(3.)",
    "Lone() == Lone()", "hash(x) == hash(x)", "tf.Module(name='k').name_scope.name",
]  # fmt: skip
FOUND = [
    "x.variables, x.trainable_variables, x.non_trainable_variables, x.submodules", "Dense().variables",
    "N(NoSuper().variables)", "x.b = V(1); x.a = V(2); N(x.variables)",
    "x.z = {'q': V(1), 'p': V(2)}; x.y = [V(3), (V(4), [V(5)])]; N(x.variables)",
    "x.z = {2: V(1), 1: V(2)}; N(x.variables)", "x.z = {2: V(1), 'a': V(2)}; N(x.variables)", "N(Hidden().variables)",
    "x.z = collections.namedtuple('P', 'y x')(V(1), V(2)); N(x.variables)",
    "x.A = V(1); x.a = V(2); x._ = V(3); N(x.variables)",
    "x.z = collections.OrderedDict([('b', V(1)), ('a', V(2))]); N(x.variables)", "x.i = iter([V(1)]); N(x.variables)",
    "a = V(1); x.a = a; x.b = a; x.c = [a, a]; N(x.variables)", "x.me = x; x.v = V(1); N(x.variables), x.submodules",
    "y = tf.Module(); x.y = y; y.x = x; x.v = V(1); y.v = V(2); N(x.variables), N(y.variables), x.submodules == (y,)",
    "x.a = Lone(); x.a.v = V(1); x.z = V(2); x.a.b = Lone(); x.a.b.c = V(3); x.d = Dense(); N(x.variables)",
    "x.a = tf.Module('a'); x.a.b = tf.Module('b'); x.c = [tf.Module('c')]; [module.name for module in x.submodules]",
    "x.f = lambda: 1; x.n = None; x.s = 'abc'; x.v = V(1); N(x.variables)", "x.o = Plain(); N(x.variables)",
    "x.v = V(1, False); x.w = V(2); N(x.trainable_variables), N(x.non_trainable_variables)",
    "x._hidden = V(4); N(x.variables)", "x.t = tf.constant(1.); x.a = np.ones(2); N(x.variables)",
    "x.r = range(3); x.v = V(1); N(x.variables)", "x.d = {'a': [{'b': V(1)}]}; N(x.variables)",
    "x.a = collections.deque([V(1)]); N(x.variables)", "x.a = types.MappingProxyType({'a': V(1)}); N(x.variables)",
    "x.a = frozenset(); x.b = set(); N(x.variables)", "x.a = collections.defaultdict(list, b=V(1)); N(x.variables)",
    "y = Ignoring(); y.a = V(1); y.b = V(2); N(y.variables)", "x.v = V(1); del x.v; N(x.variables)",
    "x.v = V(1); x.v = V(2); N(x.variables)", "y = Slots(); y.v = V(1); N(y.variables)",
    "x.l = []; x.l.append(V(1)); x.l += [V(2)]; N(x.variables)", "x.l = (V(1),); x.l += (V(2),); N(x.variables)",
    "x.l = {}; x.l['b'] = V(1); x.l['a'] = V(2); N(x.variables)", "x.v = V(1); x.w = x.v.assign(3.); N(x.variables)",
    "x.a = [tf.Module() for _ in range(3)]; x.a[1].v = V(5); N(x.variables), len(x.submodules)",
    "x.b = {'m': tf.Module()}; x.b['m'].v = V(5); N(x.variables), len(x.submodules)",
]  # fmt: skip
FLATTENED = [
    "x.v = [V(1), V(2)]; x.b = Lone(); x.b.c = V(7); N(x._flatten(predicate=tf.is_tensor))",
    "x.v = [V(1), V(2)]; x.b = Lone(); x.b.c = V(7); N(x._flatten(recursive=False, predicate=tf.is_tensor))",
]  # fmt: skip
SCOPED = [
    "y = Scoped(); y.build(); y.w", "y = Scoped(); y.build(); y.inner.name", "y = Scoped('t'); y.build(); y.w.name",
    "Scoped.build.__name__, Scoped.build.__doc__", "Scoped().build()",
    "y = Outer(); y(); [v.name for v in y.variables]", "y = Outer(); y.name_scope.name, y.child.name_scope.name",
    "tf.name_scope('a').name", "tf.name_scope(name='a').name", "tf.name_scope(None)", "tf.name_scope(3)",
    "tf.name_scope()", "nested('a')", "nested('a', 'b')", "nested('a/')", "nested('a', 'b/')", "nested('a', '')",
    "nested('a', 'b', '')", "nested('a/b', 'c')", "nested('a b')", "nested('a//')", "nested('/')", "nested('a', '/')",
    "nested('a', name='x/y')", "nested('a', name='x/')", "nested('a', name='')", "nested('a', 'b', name='x/y/')",
    "nested(name='x//')", "again()", "left(KeyError)", "s = tf.name_scope('q'); s.name = 3",
]  # fmt: skip
COPIED = [
    "y = copy.deepcopy(Dense()); y.w.assign_add([1.]); y.variables", "y = Dense(); copy.copy(y).w is y.w",
    "y = Dense(); z = copy.deepcopy(y); z.w.assign_add([1.]); y.variables",
]  # fmt: skip
PHRASES = {
    "tf.Module(name='1a')": "'1a' is not a valid module name. Module names must be valid Python identifiers",
    "x.z = {2: V(1), 'a': V(2)}; x.variables": "Error processing property 'z' of ",
    "tf.name_scope(3)": "name for name_scope must be a string.",
}


def made(tf: Any) -> dict[str, Any]:
    names = surroundings(tf) | {"collections": collections, "types": types}
    exec(CLASSES, names)
    return names


@pytest.mark.parametrize("line", [*NAMED, *FOUND, *FLATTENED, *SCOPED, *COPIED])
def test_a_line_gives_what_tensorflow_gives(line: str, oracle: ModuleType) -> None:
    assert outcome(minitf, line, made(minitf)) == outcome(oracle, line, made(oracle))


@pytest.mark.parametrize(("line", "phrase"), PHRASES.items())
def test_a_message_has_tensorflows_words(line: str, phrase: str, oracle: ModuleType) -> None:
    for tf in (minitf, oracle):
        with pytest.raises(errors_of(tf)) as caught:
            run(line, made(tf))
        assert phrase in str(caught.value)


def test_a_scope_belongs_to_its_thread_only(oracle: ModuleType) -> None:
    def name_elsewhere(tf: Any) -> str:
        names: list[str] = []
        with tf.name_scope("here"):
            thread = threading.Thread(target=lambda: names.append(tf.Variable(1.0).name))
            thread.start()
            thread.join()
        return names[0]

    assert name_elsewhere(minitf) == name_elsewhere(oracle) == "Variable:0"
