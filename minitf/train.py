"""`tf.train`: public names only."""

from minitf.checkpoint import Checkpoint, list_variables, load_checkpoint, load_variable
from minitf.checkpoint_manager import CheckpointManager
from minitf.checkpoint_state import latest_checkpoint
from minitf.names import nearest

__all__ = [
    "Checkpoint", "CheckpointManager", "latest_checkpoint", "list_variables", "load_checkpoint", "load_variable",
]  # fmt: skip

__getattr__ = nearest("train")
