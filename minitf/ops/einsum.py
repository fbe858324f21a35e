"""einsum: sums of products written with labels, one letter for each axis.

An equation is completed first: `...` becomes letters of its own, and the right side is written out. The gradient of an
einsum is an einsum again.
"""

from __future__ import annotations

import re
import string
from collections.abc import Sequence

from minitf.dtypes import FLOATS, int32, int64
from minitf.op import Op
from minitf.ops.array import shape
from minitf.ops.making import eye, ones
from minitf.ops.refusal import refuse
from minitf.tensor import Tensor, convert_to_tensor

__all__ = ["einsum"]


def _rule(i: int, dy: Tensor, y: Tensor, *inputs: Tensor, equation: str) -> Tensor:
    """Sum the product of dy and the other inputs over all labels but those of input i.

    A label that no other has needs ones to be repeated along; a label that stands twice needs a diagonal of ones.
    """
    terms, result = equation.split("->")[0].split(","), equation.split("->")[1]
    x, mine = inputs[i], terms[i]
    operands = [dy, *inputs[:i], *inputs[i + 1 :]]
    labels = [result, *terms[:i], *terms[i + 1 :]]
    unused = (letter for letter in string.ascii_letters if letter not in equation)
    wanted = ""
    for axis, label in enumerate(mine):
        new = next(unused) if label in wanted else label
        if new != label:
            operands.append(eye(shape(x)[axis], dtype=x.dtype))
            labels.append(label + new)
        elif not any(label in other for other in labels):
            operands.append(ones((x.sizes[axis],), x.dtype))
            labels.append(label)
        wanted += new
    return _einsum(*operands, equation=f"{','.join(labels)}->{wanted}")


_einsum = Op("einsum", "Einsum", each=_rule, dtypes=(*FLOATS, int32, int64))


def einsum(equation: str, *inputs: object, optimize: object = "greedy", name: str | None = None) -> Tensor:
    """Sum of products: `ij,jk->ik` multiplies matrices, `ii` is the trace, `...` stands for any other axes.

    Labels that the right side leaves out are summed over; without a right side it is the labels that stand once, in
    order. `optimize` is taken and unused: a good order is found anyway. ValueError for equations that mean nothing.

    >>> print(einsum("ij,j->i", tf.constant([[1, 2], [3, 4]]), tf.constant([1, 1])))
    tf.Tensor([3 7], shape=(2,), dtype=int32)
    """
    tensors = [convert_to_tensor(value) for value in inputs]
    terms, result = _parsed(equation, len(tensors))
    _einsum.check(tensors)
    return _einsum(*tensors, equation=_completed(terms, result, tensors))


def _parsed(equation: str, count: int) -> tuple[list[str], str]:
    """Read an equation, with `0` for `...`."""
    compact = equation.replace(" ", "")
    if "0" in compact:
        raise ValueError(f'Invalid character "0" in equation: {equation}; labels are letters.')
    compact = compact.replace("...", "0")
    if not re.fullmatch("[a-zA-Z0,]*(->[a-zA-Z0]*)?", compact):
        raise ValueError(f"Subscripts have incorrect format: {equation}; write them like 'ij,jk->ik'.")
    left, arrow, result = compact.partition("->")
    terms = left.split(",")
    if len(terms) != count:
        raise ValueError(f'Got {count} inputs for equation "{equation}", expecting {len(terms)}; one between commas.')
    if not arrow:
        result = "".join(label for label in sorted(set(left) - {","}) if left.count(label) == 1)
    if len(set(result)) != len(result):
        raise ValueError(f"Output subscripts contain a label appearing more than once: {equation}; write it once.")
    for label in result:
        if label != "0" and label not in left:
            raise ValueError(f"Output subscripts contain the label {label} not present in the input subscripts.")
    return terms, result


def _completed(terms: list[str], result: str, tensors: Sequence[Tensor]) -> str:
    """Replace `...` by letters, the last axes with the last letters, as broadcasting pairs them; check the sizes."""
    free = [letter for letter in string.ascii_letters if letter not in "".join(terms)]
    counts = [max(x.ndim - len(term) + 1, 0) if "0" in term else 0 for term, x in zip(terms, tensors, strict=True)]
    dots = "".join(free[: max(counts, default=0)])
    completed = [term.replace("0", dots[len(dots) - count :]) for term, count in zip(terms, counts, strict=True)]
    if dots and "0" not in result:
        asked = f"Output contains {len(dots)} broadcasting dimension(s) but no ellipsis (...) in the output subscripts"
        raise refuse("Einsum", asked, *tensors)
    sizes: dict[str, int] = {}
    for i, (term, x) in enumerate(zip(completed, tensors, strict=True)):
        if len(term) != x.ndim:
            raise refuse("Einsum", f"Expected input {i} to have rank {len(term)} but got: {x.ndim}", *tensors)
        for axis, (label, size) in enumerate(zip(term, x.array.shape, strict=True)):
            known = sizes.setdefault(label, size)
            if known == 1 and label in dots:
                sizes[label] = size
            elif known != size and not (size == 1 and label in dots):
                asked = (
                    f"Expected dimension {known} at axis {axis} of the input shaped {x.shape} but got dimension {size}"
                )
                raise refuse("Einsum", asked, *tensors)
    return f"{','.join(completed)}->{result.replace('0', dots)}"
