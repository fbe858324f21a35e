"""`tf.nn.experimental`: public names only."""

from minitf.names import nearest
from minitf.ops.layers import stateless_dropout

__all__ = ["stateless_dropout"]

__getattr__ = nearest("nn.experimental")
