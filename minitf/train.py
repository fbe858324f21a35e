"""`tf.train`: public names only."""

from minitf.names import nearest
from minitf.saving.checkpoint import Checkpoint, list_variables, load_checkpoint, load_variable
from minitf.saving.manager import CheckpointManager
from minitf.saving.state import latest_checkpoint

__all__ = [
    "Checkpoint", "CheckpointManager", "latest_checkpoint", "list_variables", "load_checkpoint", "load_variable",
]  # fmt: skip

__getattr__ = nearest("train")
